using System.Text;
using GpuCrypt.Kernels.Keys;

namespace GpuCrypt.Kernels.Tests;

/// <summary>Keys that are the same in every run.</summary>
internal static class TestKeys
{
    public static byte[] Secret { get; } = Convert.FromHexString("4560639ec670b7a17d492b273e077b0a96bef58ba7760779e544546e000efec8");

    public static VectorKey Derive(string tenant = "foo", float approximationFactor = 2.236f, bool scaling = true, uint secretId = 1) =>
        VectorKey.Derive(secretId, Secret, tenant, "deriv_path", approximationFactor, scaling);

    public static VectorKey Other(string name, float approximationFactor, bool scaling) =>
        VectorKey.Derive(2, System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(name)), name, "path", approximationFactor, scaling);
}
