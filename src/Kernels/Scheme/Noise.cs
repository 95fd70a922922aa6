// The noise λ: a point in the d-ball, uniform direction times radius·U^(1/d): WIRE-FORMAT section 4 (the paper's Enc, steps 2 to 5).
namespace GpuCrypt.Kernels.Scheme;

/// <summary>The keyed noise of one vector.</summary>
internal static class Noise
{
    /// <summary>Writes λ for a dimension of at least 1.</summary>
    /// <typeparam name="TRow">The view that receives λ.</typeparam>
    /// <typeparam name="TTables">Where the tables are.</typeparam>
    /// <param name="key">The key.</param>
    /// <param name="iv">The vector's IV.</param>
    /// <param name="dimension">d, at least 1.</param>
    /// <param name="noise">Receives d values, in shuffled positions.</param>
    /// <param name="tables">The tables.</param>
    public static void Generate<TRow, TTables>(ref KeyMaterial key, ref Iv iv, int dimension, TRow noise, ref TTables tables)
        where TRow : struct, IView<float>
        where TTables : struct, ISchemeTables
    {
        RandomStream stream = RandomStream.ForNoise(ref key, ref iv);
        for (int i = 0; i < dimension; i++)
            noise.Set(i, (float)Ziggurat.Next(ref stream, ref tables));
        float length = Length(key.Radius, stream.Next32(), dimension, ref tables);
        float norm = MathF.Sqrt(SumOfSquares(noise, dimension));
        for (int i = 0; i < dimension; i++)
        {
            // Multiply, then divide: two roundings, in this order.
            float scaled = noise.Get(i) * length;
            noise.Set(i, scaled / norm);
        }
    }

    /// <summary>The length of λ: radius·x'^(1/d), x' in [0, 1) from one word (section 4, steps 2 to 4).</summary>
    internal static float Length<TTables>(float radius, uint word, int dimension, ref TTables tables)
        where TTables : struct, ISchemeTables
    {
        float x = BitConverter.UInt32BitsToSingle(0x3f800000 | (word >> 9)) - 1f;
        float p = dimension == 1 ? x : Powf.Pow(ref tables, x, 1f / dimension);
        return radius * p;
    }

    /// <summary>The sum of squares in f32 in the format's order: eight lanes over the whole eights, then the rest one by one (step 5).</summary>
    internal static float SumOfSquares<TRow>(TRow row, int dimension)
        where TRow : struct, IView<float>
    {
        float l0 = 0f, l1 = 0f, l2 = 0f, l3 = 0f, l4 = 0f, l5 = 0f, l6 = 0f, l7 = 0f;
        int whole = dimension & ~7;
        for (int i = 0; i < whole; i += 8)
        {
            l0 += Square(row, i);
            l1 += Square(row, i + 1);
            l2 += Square(row, i + 2);
            l3 += Square(row, i + 3);
            l4 += Square(row, i + 4);
            l5 += Square(row, i + 5);
            l6 += Square(row, i + 6);
            l7 += Square(row, i + 7);
        }

        float sum = 0f;
        sum += l0 + l4;
        sum += l1 + l5;
        sum += l2 + l6;
        sum += l3 + l7;
        for (int i = whole; i < dimension; i++)
            sum += Square(row, i);
        return sum;
    }

    private static float Square<TRow>(TRow row, int index)
        where TRow : struct, IView<float>
    {
        float value = row.Get(index);
        return value * value;
    }
}
