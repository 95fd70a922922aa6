using GpuCrypt.Kernels.Keys;
using GpuCrypt.Kernels.Scheme;

namespace GpuCrypt.Kernels.Tests.Scheme;

public class ShuffleTests
{
    public static TheoryData<string, int> TieFiles => new() { { "ties_1536.txt", 1536 }, { "ties_4096.txt", 4096 } };

    [Theory]
    [MemberData(nameof(TieFiles))]
    public void Keys_with_ties_are_found_and_differ_from_the_reference_only_in_the_tied_pair(string file, int dimension)
    {
        string[] lines = File.ReadAllLines(Path.Combine(TestVectors.Folder, file));
        Assert.NotEmpty(lines);
        foreach (string line in lines)
        {
            string[] parts = line.Split(' ');
            int[] reference = [.. parts[1].Split(',').Select(int.Parse)];
            KeyMaterial key = Key(parts[0]);
            int[] ours = new int[dimension];
            Assert.True(Shuffle.Compute(ref key, ours));
            int[] different = [.. Enumerable.Range(0, dimension).Where(j => ours[j] != reference[j])];
            Assert.True(different.Length is 0 or 2, $"{different.Length} positions differ");
            if (different.Length == 2)
                Assert.Equal((reference[different[1]], reference[different[0]]), (ours[different[0]], ours[different[1]]));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(17)]
    [InlineData(8192)]
    public void Permutation_holds_every_index_once_and_its_inverse_undoes_it(int dimension)
    {
        using VectorKey key = TestKeys.Derive();
        Permutation permutation = key.PermutationFor(dimension);
        int[] forward = new int[dimension];
        unsafe
        {
            new ReadOnlySpan<int>(permutation.Forward, dimension).CopyTo(forward);
            for (int i = 0; i < dimension; i++)
                Assert.Equal(i, permutation.Forward[permutation.Inverse[i]]);
        }

        Assert.Equal(Enumerable.Range(0, dimension), forward.Order());
        Assert.Same(permutation, key.PermutationFor(dimension));
    }

    private static KeyMaterial Key(string hex)
    {
        uint[] w = [.. Enumerable.Range(0, 8).Select(i => Convert.ToUInt32(hex.Substring(8 * i, 8), 16))];
        KeyMaterial key = default;
        (key.K0, key.K1, key.K2, key.K3, key.K4, key.K5, key.K6, key.K7) = (w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7]);
        return key;
    }
}
