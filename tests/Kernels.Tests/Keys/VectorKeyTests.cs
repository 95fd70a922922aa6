using GpuCrypt.Kernels.Keys;

namespace GpuCrypt.Kernels.Tests.Keys;

public class VectorKeyTests
{
    [Fact]
    public void Derivation_gives_the_documented_key_and_scaling_factor()
    {
        using VectorKey key = TestKeys.Derive();
        Assert.Equal("4556055ac5f20efc94d6467b97adca2b21a744929bf2d63d741be276e7ca615f", Convert.ToHexStringLower(key.MacKey));
        Assert.Equal(15281143f, key.Material.ScalingFactor);
    }

    [Theory]
    [InlineData(0u, 32, 1f)]
    [InlineData(1u, 31, 1f)]
    [InlineData(1u, 32, -1f)]
    [InlineData(1u, 32, float.NaN)]
    [InlineData(1u, 32, float.PositiveInfinity)]
    public void Ids_of_zero_short_secrets_and_senseless_factors_are_refused(uint id, int size, float factor) =>
        Assert.ThrowsAny<ArgumentException>(() => VectorKey.Derive(id, new byte[size], "t", "p", factor, false));

    [Fact]
    public void A_key_in_a_table_outlives_its_creators_reference_and_is_wiped_after_the_last()
    {
        VectorKey key = TestKeys.Derive();
        var table = new KeyTable();
        Assert.Equal(0, table.Add(key));
        Assert.Equal(0, table.Add(key));
        key.Dispose();
        key.Dispose();
        Assert.Equal(15281143f, table[0].Material.ScalingFactor);
        table.Clear();
        Assert.Throws<ObjectDisposedException>(() => _ = key.ApproximationFactor);
        Assert.Throws<ObjectDisposedException>(() => table.Add(key));
    }

    [Fact]
    public void A_table_gives_each_key_one_index()
    {
        var table = new KeyTable();
        VectorKey[] keys = [.. Enumerable.Range(0, 40).Select(i => TestKeys.Derive("tenant" + i))];
        for (int round = 0; round < 2; round++)
        {
            for (int i = 0; i < keys.Length; i++)
                Assert.Equal(i, table.Add(keys[i]));
        }

        Assert.Equal(40, table.Count);
        table.Clear();
        Assert.Throws<ArgumentOutOfRangeException>(() => table[0]);
        foreach (VectorKey key in keys)
            key.Dispose();
    }

    [Fact]
    public void A_key_whose_last_reference_is_gone_answers_nothing_not_even_what_it_had_computed()
    {
        VectorKey key = TestKeys.Derive();
        Assert.False(key.HasTie(16));
        key.Dispose();
        Assert.Throws<ObjectDisposedException>(() => key.HasTie(16));
        Assert.Throws<ObjectDisposedException>(() => key.HasTie(17));
        Assert.Throws<ObjectDisposedException>(() => _ = key.ApproximationFactor);
        Assert.Throws<ObjectDisposedException>(() => _ = key.Scaling);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(int.MaxValue)]
    [InlineData(GpuCrypt.Kernels.Batches.VectorBatch.MaximumDimension + 1)]
    public void A_tie_is_looked_for_at_dimensions_that_a_row_can_have(int dimension)
    {
        using VectorKey key = TestKeys.Derive();
        Assert.Throws<ArgumentOutOfRangeException>(() => key.HasTie(dimension));
    }

    [Fact]
    public void A_key_that_only_the_collector_holds_back_is_read_whole()
    {
        // A property of a key that nothing else refers to must not read memory that the finalizer has wiped.
        Parallel.For(0, 200, i =>
        {
            float factor = 1f + i;
            Assert.Equal(factor, TestKeys.Derive(approximationFactor: factor).ApproximationFactor);
            Assert.False(TestKeys.Derive().HasTie(64));
            if (i % 20 == 0)
                GC.Collect();
        });
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    [Fact]
    public void Shuffles_of_one_key_asked_for_by_many_threads_are_computed_alike_while_the_key_comes_and_goes()
    {
        for (int round = 0; round < 20; round++)
        {
            VectorKey key = TestKeys.Derive("round" + round);
            Parallel.For(0, 8, i =>
            {
                try
                {
                    if (i == 7)
                        key.Dispose();
                    else
                        Assert.False(key.HasTie(100 + (i % 3)));
                }
                catch (ObjectDisposedException)
                {
                    // Gone already.
                }
            });
            Assert.Throws<ObjectDisposedException>(() => key.HasTie(100));
        }
    }

    [Fact]
    public void A_key_keeps_a_bounded_number_of_shuffles_and_makes_the_others_anew()
    {
        using VectorKey key = TestKeys.Derive();
        for (int round = 0; round < 2; round++)
        {
            for (int dimension = 1; dimension <= 3 * VectorKey.MostPermutations; dimension++)
                Assert.Equal(dimension, key.PermutationFor(dimension).Dimension);
            Assert.Equal(VectorKey.MostPermutations, key.CachedPermutations);
        }
    }
}
