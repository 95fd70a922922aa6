using GpuCrypt.Host.Demo;
using Xunit.Abstractions;

namespace GpuCrypt.Host.Tests.Demo;

public sealed class RecallEvaluationTests(ITestOutputHelper output)
{
    private static readonly SampleSet Samples = SampleSet.Load();

    // Spread over the alphabet, in which the samples are ordered.
    private static readonly int[] QueryRows = [.. Enumerable.Range(0, 500).Select(i => i * Samples.Count / 500)];

    [Fact]
    public void Recall_of_a_matrix_against_itself_is_1() =>
        Assert.Equal(1, RecallEvaluation.RecallAt(10, Samples.Vectors, Samples.Vectors, Samples.Dimension, QueryRows));

    [Fact]
    public void Recall_does_not_mind_scale_and_a_common_order_of_the_elements()
    {
        // What the cipher does to a vector apart from the noise. A power of two keeps every distance exact up to the scale.
        var moved = new float[Samples.Vectors.Length];
        for (int row = 0; row < Samples.Count; row++)
        {
            Span<float> target = moved.AsSpan(row * Samples.Dimension, Samples.Dimension);
            Samples.Row(row).CopyTo(target);
            target.Reverse();
            foreach (ref float element in target)
            {
                element *= 1 << 20;
            }
        }
        Assert.InRange(RecallEvaluation.RecallAt(10, Samples.Vectors, moved, Samples.Dimension, QueryRows), 0.999, 1);
    }

    [Fact]
    public void Recall_against_random_vectors_is_near_chance()
    {
        float[] noise = Noisy(new Random(1), radius: 1000);
        double recall = RecallEvaluation.RecallAt(10, Samples.Vectors, noise, Samples.Dimension, QueryRows);
        // Chance is 10 / 15,999: about 3 hits in the 5,000 neighbours, and more than 20 practically never.
        Assert.InRange(recall, 0, 20 / 5000.0);
    }

    [Fact]
    public void Recall_counts_the_shared_neighbours_of_each_query() =>
        Assert.Equal((2 / 3.0 + 0 + 1) / 3, RecallEvaluation.Recall([[1, 2, 3], [4, 5], [6]], [[3, 9, 1], [6, 7], [6]]), 12);

    [Fact]
    public void Queries_apart_from_the_rows_are_searched_in_their_own_matrix()
    {
        float[] plain = [0, 10, 20, 30, 40];
        float[] cipher = [0, 10, 20, 30, 40];
        // The nearest two of 11 are 10 and 20; of 31 they are 30 and 40. One row can be left out.
        Assert.Equal(1, RecallEvaluation.RecallAt(2, plain, new float[] { 11 }, cipher, new float[] { 11 }, 1, [-1]));
        Assert.Equal(0, RecallEvaluation.RecallAt(2, plain, new float[] { 11 }, cipher, new float[] { 36 }, 1, [-1]));
        Assert.Equal(0.5, RecallEvaluation.RecallAt(2, plain, new float[] { 11 }, cipher, new float[] { 29 }, 1, [1]));
        Assert.Equal(0.5, RecallEvaluation.RecallAt(2, plain, new float[] { 11, 11 }, cipher, new float[] { 11, 36 }, 1, [-1, -1]));
    }

    [Fact]
    public void Matrices_and_queries_that_do_not_fit_together_are_refused()
    {
        Assert.Throws<ArgumentException>(() => RecallEvaluation.RecallAt(1, new float[6], new float[4], 2, [0]));
        Assert.Throws<ArgumentException>(() => RecallEvaluation.RecallAt(1, new float[6], new float[6], 2, []));
        Assert.Throws<ArgumentOutOfRangeException>(() => RecallEvaluation.RecallAt(3, new float[6], new float[6], 2, [0]));
        Assert.Throws<ArgumentException>(() => RecallEvaluation.Recall([[1]], [[1], [2]]));
        Assert.Throws<ArgumentException>(() => RecallEvaluation.Recall([[]], [[]]));
    }

    /// <summary>The table of samples/README.md: the scheme's noise, uniform in a ball, as a share of the vectors' length.</summary>
    [Fact]
    public void Recall_falls_as_the_noise_grows_and_stays_high_for_a_little()
    {
        int[][] expected = NearestNeighbours.FindAll(Samples.Vectors, Samples.Dimension, QueryRows, 10);
        double before = 1;
        foreach ((double radius, double atLeast) in new[] { (0.05, 0.90), (0.1, 0.85), (0.15, 0.80), (0.25, 0.70), (0.5, 0.45) })
        {
            float[] noisy = Noisy(new Random(1), radius);
            double recall = RecallEvaluation.Recall(expected, NearestNeighbours.FindAll(noisy, Samples.Dimension, QueryRows, 10));
            output.WriteLine($"noise radius {radius:0.00}: recall@10 {recall:0.000}");
            Assert.InRange(recall, atLeast, before);
            before = recall;
        }
    }

    /// <summary>The samples, each moved by a point drawn uniformly from a ball of this radius.</summary>
    private static float[] Noisy(Random random, double radius)
    {
        float[] noisy = Samples.Vectors.ToArray();
        var direction = new double[Samples.Dimension];
        for (int row = 0; row < Samples.Count; row++)
        {
            double square = 0;
            foreach (ref double element in direction.AsSpan())
            {
                element = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
                square += element * element;
            }
            double length = radius * Math.Pow(random.NextDouble(), 1.0 / Samples.Dimension) / Math.Sqrt(square);
            for (int i = 0; i < direction.Length; i++)
            {
                noisy[row * Samples.Dimension + i] += (float)(length * direction[i]);
            }
        }
        return noisy;
    }
}
