using System.Diagnostics;
using FsCheck;
using FsCheck.Fluent;
using GpuCrypt.Host.Demo;

namespace GpuCrypt.Host.Tests.Demo;

public sealed class NearestNeighboursTests
{
    /// <summary>A matrix of small whole numbers: sums are exact in float32, and equal distances are frequent.</summary>
    private sealed record Case(float[] Rows, int Dimension, float[] Query, int K, int ExcludedRow)
    {
        public override string ToString() => $"{Rows.Length / Dimension} × {Dimension}, k = {K}, without row {ExcludedRow}: [{string.Join(' ', Rows)}] from [{string.Join(' ', Query)}]";
    }

    private static readonly Arbitrary<Case> Cases = Arb.From(
        from dimension in Gen.Choose(1, 100)
        from count in Gen.Choose(2, 60)
        from spread in Gen.Choose(0, 20)
        from elements in Gen.ArrayOf(Gen.Choose(-spread, spread), (count + 1) * dimension)
        from k in Gen.Choose(1, count - 1)
        from excludedRow in Gen.Choose(-1, count - 1)
        let floats = elements.Select(element => (float)element).ToArray()
        select new Case(floats[dimension..], dimension, floats[..dimension], k, excludedRow));

    [Fact]
    public void Search_finds_what_sorting_all_rows_by_distance_and_index_finds() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(Cases, data =>
        {
            int[] expected = [.. Enumerable.Range(0, data.Rows.Length / data.Dimension)
                .Where(row => row != data.ExcludedRow)
                .OrderBy(row => ExactSquaredDistance(data.Rows.AsSpan(row * data.Dimension, data.Dimension), data.Query))
                .ThenBy(row => row)
                .Take(data.K)];
            Assert.Equal(expected, NearestNeighbours.Find(data.Rows, data.Dimension, data.Query, data.K, data.ExcludedRow));
            Assert.Equal([expected], NearestNeighbours.FindAll(data.Rows, data.Dimension, data.Query, [data.ExcludedRow], data.K));
        }));

    [Fact]
    public void Searching_many_rows_at_once_finds_what_searching_them_one_by_one_finds() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(100), Prop.ForAll(Cases, data =>
        {
            int[] all = [.. Enumerable.Range(0, data.Rows.Length / data.Dimension).Reverse()];
            int[][] expected = [.. all.Select(row => NearestNeighbours.Find(data.Rows, data.Dimension, row, data.K))];
            Assert.Equal(expected, NearestNeighbours.FindAll(data.Rows, data.Dimension, all, data.K));
            Assert.DoesNotContain(expected.Zip(all), pair => pair.First.Contains(pair.Second));
        }));

    [Fact]
    public void Squared_distance_of_any_two_vectors_is_within_float32_rounding_of_the_exact_one()
    {
        var random = new Random(7);
        for (int dimension = 1; dimension <= 200; dimension++)
        {
            float[] a = Gaussian(random, dimension);
            float[] b = Gaussian(random, dimension);
            double exact = ExactSquaredDistance(a, b);
            // Two roundings an element and at most 4 + 5 + 31 sums after one another, each within 2^-24.
            Assert.InRange(NearestNeighbours.SquaredDistance(a, b), exact * (1 - 48e-7), exact * (1 + 48e-7));
            Assert.Equal(0, NearestNeighbours.SquaredDistance(a, a));
        }
    }

    [Fact]
    public void Rows_equally_far_come_in_the_order_of_their_index()
    {
        float[] rows = [5, 1, -1, 3, 1, -1, 0];
        Assert.Equal([6, 1, 2, 4, 5, 3, 0], NearestNeighbours.Find(rows, 1, new float[] { 0 }, 7));
        Assert.Equal([1, 2, 4], NearestNeighbours.Find(rows, 1, 6, 3));
    }

    [Fact]
    public void Rows_whose_distance_is_no_number_or_overflows_come_last()
    {
        float[] rows = [float.NaN, 4, float.PositiveInfinity, 3e38f, 2];
        Assert.Equal([4, 1, 0, 2, 3], NearestNeighbours.Find(rows, 1, new float[] { 0 }, 5));
    }

    [Fact]
    public void Shapes_and_indices_that_do_not_fit_are_refused()
    {
        float[] rows = [1, 2, 3, 4, 5, 6];
        Assert.Throws<ArgumentOutOfRangeException>(() => NearestNeighbours.Find(rows, 0, 0, 1));
        Assert.Throws<ArgumentException>(() => NearestNeighbours.Find(rows, 4, 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => NearestNeighbours.Find(rows, 2, 3, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => NearestNeighbours.Find(rows, 2, -1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => NearestNeighbours.Find(rows, 2, 0, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => NearestNeighbours.Find(rows, 2, 0, 3));
        Assert.Throws<ArgumentException>(() => NearestNeighbours.Find(rows, 2, new float[3], 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => NearestNeighbours.Find(rows, 2, new float[2], 1, excludedRow: 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => NearestNeighbours.FindAll(rows, 2, [0, 3], 1));
        Assert.Throws<ArgumentException>(() => NearestNeighbours.FindAll(rows, 2, new float[2], [-1, -1], 1));
        Assert.Throws<ArgumentException>(() => NearestNeighbours.SquaredDistance(new float[2], new float[3]));
    }

    [Fact]
    public void Five_hundred_searches_over_the_samples_take_seconds_not_minutes()
    {
        SampleSet samples = SampleSet.Load();
        int[] queryRows = [.. Enumerable.Range(0, 500)];
        long start = Stopwatch.GetTimestamp();
        NearestNeighbours.FindAll(samples.Vectors, samples.Dimension, queryRows, 10);
        // A tenth of a second when optimised on idle cores; the bound is for an unoptimised build on a busy machine.
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 10);
    }

    private static double ExactSquaredDistance(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
        {
            double difference = (double)a[i] - b[i];
            sum += difference * difference;
        }
        return sum;
    }

    private static float[] Gaussian(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];
}
