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
}
