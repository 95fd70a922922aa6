namespace GpuCrypt.Host.Demo;

/// <summary>
/// Recall@k: of the k nearest neighbours that a search over the plaintexts finds, the share that the same search over the ciphertexts finds too,
/// averaged over the queries. 1 where encryption changed no neighbour set, about k / n where it left nothing to find.
/// </summary>
internal static class RecallEvaluation
{
    /// <summary>Recall@k where the queries are rows of both matrices; a row is not its own neighbour.</summary>
    /// <param name="k">Neighbours for each query, 1 to n − 1.</param>
    /// <param name="plain">The plaintexts, n × d, row by row.</param>
    /// <param name="cipher">The ciphertexts of the same rows in the same order, n × d.</param>
    /// <param name="dimension">d, at least 1.</param>
    /// <param name="queryRows">The rows to look from, at least one.</param>
    /// <exception cref="ArgumentException">A shape or index that does not fit.</exception>
    public static double RecallAt(int k, ReadOnlyMemory<float> plain, ReadOnlyMemory<float> cipher, int dimension, IReadOnlyList<int> queryRows) =>
        RecallAt(
            k,
            plain, NearestNeighbours.Gather(plain, dimension, queryRows),
            cipher, NearestNeighbours.Gather(cipher, dimension, queryRows),
            dimension, queryRows);

    /// <summary>Recall@k where the queries are encrypted apart from the rows, with another IV or with another key.</summary>
    /// <param name="k">Neighbours for each query, 1 to n − 1.</param>
    /// <param name="plain">The plaintexts, n × d, row by row.</param>
    /// <param name="plainQueries">The queries in plaintext, q × d, at least one.</param>
    /// <param name="cipher">The ciphertexts of the same rows in the same order, n × d.</param>
    /// <param name="cipherQueries">The same queries encrypted, q × d.</param>
    /// <param name="dimension">d, at least 1.</param>
    /// <param name="excludedRows">For each query the row that it is made from, which is left out; -1 for none.</param>
    /// <exception cref="ArgumentException">A shape or index that does not fit.</exception>
    public static double RecallAt(
        int k,
        ReadOnlyMemory<float> plain,
        ReadOnlyMemory<float> plainQueries,
        ReadOnlyMemory<float> cipher,
        ReadOnlyMemory<float> cipherQueries,
        int dimension,
        IReadOnlyList<int> excludedRows)
    {
        if (plain.Length != cipher.Length)
        {
            throw new ArgumentException($"expected as many ciphertexts as plaintexts, found {cipher.Length} and {plain.Length} elements", nameof(cipher));
        }
        return Recall(
            NearestNeighbours.FindAll(plain, dimension, plainQueries, excludedRows, k),
            NearestNeighbours.FindAll(cipher, dimension, cipherQueries, excludedRows, k));
    }

    /// <summary>The mean share of the expected neighbours that were found, 0 to 1. For searches whose result is wanted for more than the recall.</summary>
    /// <param name="expected">The true neighbours of each query; at least one query, each with at least one neighbour.</param>
    /// <param name="found">The found neighbours of the same queries in the same order.</param>
    /// <exception cref="ArgumentException">No queries, a query without neighbours, or a different number of queries.</exception>
    public static double Recall(IReadOnlyList<int[]> expected, IReadOnlyList<int[]> found)
    {
        if (expected.Count == 0 || expected.Count != found.Count || expected.Any(neighbours => neighbours.Length == 0))
        {
            throw new ArgumentException($"expected neighbours for the same queries, at least one, found {expected.Count} and {found.Count} queries", nameof(found));
        }
        double sum = 0;
        for (int query = 0; query < expected.Count; query++)
        {
            sum += (double)expected[query].Intersect(found[query]).Count() / expected[query].Length;
        }
        return sum / expected.Count;
    }
}
