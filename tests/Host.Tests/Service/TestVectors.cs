using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace GpuCrypt.Host.Tests.Service;

/// <summary>Vectors as messages.</summary>
internal static class TestVectors
{
    public static float[] Random(int seed, int dimension)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, dimension).Select(_ => (float)((2 * random.NextDouble()) - 1))];
    }

    public static byte[] Raw(params float[] vector) => MemoryMarshal.AsBytes(vector.AsSpan()).ToArray();

    /// <summary>A .npy array, 1-D when <paramref name="rows"/> is null.</summary>
    public static byte[] Npy(string type, int? rows, int dimension, float[] values)
    {
        string shape = rows is { } n ? $"({n}, {dimension})" : $"({dimension},)";
        string header = $"{{'descr': '{type}', 'fortran_order': False, 'shape': {shape}, }}";
        header = header.PadRight(((10 + header.Length + 64) / 64 * 64) - 11) + "\n";
        using var stream = new MemoryStream();
        stream.Write([0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0, (byte)header.Length, (byte)(header.Length >> 8)]);
        stream.Write(Encoding.ASCII.GetBytes(header));
        Span<byte> element = stackalloc byte[8];
        foreach (float value in values)
        {
            int size = type[2] - '0';
            switch (size)
            {
                case 2:
                    BinaryPrimitives.WriteHalfLittleEndian(element, (Half)value);
                    break;
                case 4:
                    BinaryPrimitives.WriteSingleLittleEndian(element, value);
                    break;
                default:
                    BinaryPrimitives.WriteDoubleLittleEndian(element, value);
                    break;
            }

            stream.Write(element[..size]);
        }

        return stream.ToArray();
    }

    /// <summary>The data of a .npy array.</summary>
    public static ReadOnlySpan<byte> NpyData(ReadOnlySpan<byte> array) => array[(10 + BinaryPrimitives.ReadUInt16LittleEndian(array[8..]))..];

    public static string Json(IEnumerable<float> vector) => "[" + string.Join(", ", vector.Select(v => v.ToString("R", CultureInfo.InvariantCulture))) + "]";

    public static void AssertClose(IReadOnlyList<float> expected, IReadOnlyList<float> actual, float tolerance = 1e-5f)
    {
        Assert.Equal(expected.Count, actual.Count);
        for (int i = 0; i < expected.Count; i++)
            Assert.InRange(actual[i], expected[i] - tolerance, expected[i] + tolerance);
    }
}
