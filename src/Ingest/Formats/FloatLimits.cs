using System.Numerics;
using System.Runtime.InteropServices;

namespace GpuCrypt.Ingest.Formats;

/// <summary>Looks for large elements. Stateless.</summary>
internal static class FloatLimits
{
    /// <summary>Whether any element's magnitude is above a limit.</summary>
    public static bool AnyMagnitudeAbove(ReadOnlySpan<float> values, float limit)
    {
        var bound = new Vector<float>(limit);
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        foreach (Vector<float> vector in vectors)
        {
            if (Vector.GreaterThanAny(Vector.Abs(vector), bound))
                return true;
        }

        foreach (float value in values[(vectors.Length * Vector<float>.Count)..])
        {
            if (MathF.Abs(value) > limit)
                return true;
        }

        return false;
    }
}
