using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace GpuCrypt.Host.Demo;

/// <summary>
/// Exact k-nearest-neighbour search by squared L2 distance, every row looked at. Nearest first; of rows equally far the one with the lower index.
/// A distance is rounded the same way on every processor, so the answer is the same on every machine. A distance that is not a number or
/// overflows float32 counts as infinite. All methods may be called from several threads.
/// </summary>
internal static class NearestNeighbours
{
    /// <summary>The k rows nearest to one of the rows, itself left out.</summary>
    /// <param name="rows">The matrix, n × d, row by row.</param>
    /// <param name="dimension">d, at least 1.</param>
    /// <param name="row">The row to look from.</param>
    /// <param name="k">How many, 1 to n − 1.</param>
    /// <returns>k row indices.</returns>
    /// <exception cref="ArgumentException">A shape or index that does not fit.</exception>
    public static int[] Find(ReadOnlyMemory<float> rows, int dimension, int row, int k)
    {
        int count = RowCount(rows, dimension, nameof(rows));
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, count);
        return Find(rows, dimension, rows.Slice(row * dimension, dimension), k, row);
    }

    /// <summary>The k rows nearest to a query, one row left out where the query is that row in another form.</summary>
    /// <param name="rows">The matrix, n × d, row by row.</param>
    /// <param name="dimension">d, at least 1.</param>
    /// <param name="query">d elements.</param>
    /// <param name="k">How many, 1 to the number of rows not left out.</param>
    /// <param name="excludedRow">The row to leave out; -1 leaves none out.</param>
    /// <returns>k row indices.</returns>
    /// <exception cref="ArgumentException">A shape or index that does not fit.</exception>
    public static int[] Find(ReadOnlyMemory<float> rows, int dimension, ReadOnlyMemory<float> query, int k, int excludedRow = -1)
    {
        int count = RowCount(rows, dimension, nameof(rows));
        if (query.Length != dimension)
        {
            throw new ArgumentException($"expected a query of {dimension} elements, found {query.Length}", nameof(query));
        }
        CheckExcludedRow(excludedRow, count);
        CheckNeighbourCount(k, excludedRow < 0 ? count : count - 1);
        return Nearest(rows.Span, dimension, query.Span, k, excludedRow);
    }

    /// <summary>The k nearest rows of each query, all cores at work.</summary>
    /// <param name="rows">The matrix, n × d, row by row.</param>
    /// <param name="dimension">d, at least 1.</param>
    /// <param name="queries">The queries, q × d, row by row.</param>
    /// <param name="excludedRows">For each query the row to leave out, -1 for none: q indices.</param>
    /// <param name="k">How many for each query, 1 to n − 1.</param>
    /// <returns>q arrays of k row indices.</returns>
    /// <exception cref="ArgumentException">A shape or index that does not fit.</exception>
    public static int[][] FindAll(ReadOnlyMemory<float> rows, int dimension, ReadOnlyMemory<float> queries, IReadOnlyList<int> excludedRows, int k)
    {
        int count = RowCount(rows, dimension, nameof(rows));
        int queryCount = RowCount(queries, dimension, nameof(queries));
        if (excludedRows.Count != queryCount)
        {
            throw new ArgumentException($"expected a row to leave out for each of the {queryCount} queries, found {excludedRows.Count}", nameof(excludedRows));
        }
        foreach (int excludedRow in excludedRows)
        {
            CheckExcludedRow(excludedRow, count);
        }
        CheckNeighbourCount(k, count - 1);

        var found = new int[queryCount][];
        Parallel.For(0, queryCount, query =>
            found[query] = Nearest(rows.Span, dimension, queries.Span.Slice(query * dimension, dimension), k, excludedRows[query]));
        return found;
    }

    /// <summary>The k nearest rows of each of some of the rows, itself left out, all cores at work.</summary>
    /// <param name="rows">The matrix, n × d, row by row.</param>
    /// <param name="dimension">d, at least 1.</param>
    /// <param name="queryRows">The q rows to look from.</param>
    /// <param name="k">How many for each, 1 to n − 1.</param>
    /// <returns>q arrays of k row indices.</returns>
    /// <exception cref="ArgumentException">A shape or index that does not fit.</exception>
    public static int[][] FindAll(ReadOnlyMemory<float> rows, int dimension, IReadOnlyList<int> queryRows, int k) =>
        FindAll(rows, dimension, Gather(rows, dimension, queryRows), queryRows, k);

    /// <summary>The squared L2 distance of two vectors of the same length, in float32.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static float SquaredDistance(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        if (a.Length != b.Length)
        {
            throw new ArgumentException($"expected two vectors of the same length, found {a.Length} and {b.Length} elements");
        }

        // 32 sums side by side, then added in one fixed order, and no fused multiply-add: nothing here depends on the processor.
        int whole = a.Length & ~31;
        ref float left = ref MemoryMarshal.GetReference(a);
        ref float right = ref MemoryMarshal.GetReference(b);
        Vector256<float> sum0 = default, sum1 = default, sum2 = default, sum3 = default;
        for (int i = 0; i < whole; i += 32)
        {
            Vector256<float> d0 = Vector256.LoadUnsafe(ref left, (nuint)i) - Vector256.LoadUnsafe(ref right, (nuint)i);
            Vector256<float> d1 = Vector256.LoadUnsafe(ref left, (nuint)i + 8) - Vector256.LoadUnsafe(ref right, (nuint)i + 8);
            Vector256<float> d2 = Vector256.LoadUnsafe(ref left, (nuint)i + 16) - Vector256.LoadUnsafe(ref right, (nuint)i + 16);
            Vector256<float> d3 = Vector256.LoadUnsafe(ref left, (nuint)i + 24) - Vector256.LoadUnsafe(ref right, (nuint)i + 24);
            sum0 += d0 * d0;
            sum1 += d1 * d1;
            sum2 += d2 * d2;
            sum3 += d3 * d3;
        }
        Vector256<float> sums = (sum0 + sum1) + (sum2 + sum3);
        Vector128<float> half = sums.GetLower() + sums.GetUpper();
        float sum = (half[0] + half[1]) + (half[2] + half[3]);
        for (int i = whole; i < a.Length; i++)
        {
            float difference = a[i] - b[i];
            sum += difference * difference;
        }
        return sum;
    }

    /// <summary>Some rows of a matrix, copied one after the other.</summary>
    internal static float[] Gather(ReadOnlyMemory<float> rows, int dimension, IReadOnlyList<int> wanted)
    {
        int count = RowCount(rows, dimension, nameof(rows));
        var gathered = new float[wanted.Count * dimension];
        for (int i = 0; i < wanted.Count; i++)
        {
            if ((uint)wanted[i] >= (uint)count)
            {
                throw new ArgumentOutOfRangeException(nameof(wanted), $"expected rows from 0 to {count - 1}, found {wanted[i]}");
            }
            rows.Span.Slice(wanted[i] * dimension, dimension).CopyTo(gathered.AsSpan(i * dimension));
        }
        return gathered;
    }

    private static int[] Nearest(ReadOnlySpan<float> rows, int dimension, ReadOnlySpan<float> query, int k, int excludedRow)
    {
        var indices = new int[k];
        var distances = new float[k];
        int held = 0;
        int count = rows.Length / dimension;
        for (int row = 0; row < count; row++)
        {
            if (row == excludedRow)
            {
                continue;
            }
            float distance = SquaredDistance(rows.Slice(row * dimension, dimension), query);
            if (!float.IsFinite(distance))
            {
                distance = float.PositiveInfinity;
            }
            if (held == k && !(distance < distances[k - 1]))
            {
                continue;
            }

            // Rows come in ascending order: put after those equally far, the lower index stays in front.
            int place = held < k ? held++ : k - 1;
            for (; place > 0 && distance < distances[place - 1]; place--)
            {
                distances[place] = distances[place - 1];
                indices[place] = indices[place - 1];
            }
            distances[place] = distance;
            indices[place] = row;
        }
        return indices;
    }

    private static int RowCount(ReadOnlyMemory<float> matrix, int dimension, string name)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(dimension);
        return matrix.Length % dimension == 0
            ? matrix.Length / dimension
            : throw new ArgumentException($"expected whole rows of {dimension} elements, found {matrix.Length} elements", name);
    }

    private static void CheckExcludedRow(int excludedRow, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(excludedRow, -1);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(excludedRow, count);
    }

    private static void CheckNeighbourCount(int k, int available)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(k);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(k, available);
    }
}
