using System.Runtime.InteropServices;
using GpuCrypt.Kernels.Scheme;

namespace GpuCrypt.Kernels.Tests.Scheme;

public partial class PowfTests
{
    /// <summary>Every value that x' can take, against the C library that the format's reference was built with.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(16)]
    [InlineData(100)]
    [InlineData(384)]
    [InlineData(768)]
    [InlineData(1536)]
    [InlineData(3072)]
    [InlineData(4096)]
    [InlineData(8191)]
    public void Pow_has_the_C_librarys_bits_for_all_2_to_the_23_inputs(int dimension)
    {
        HostTables tables = default;
        float e = 1f / dimension;
        int differences = 0;
        for (uint r = 0; r < 1u << 23; r++)
        {
            float x = BitConverter.UInt32BitsToSingle(0x3f800000 | r) - 1f;
            if (BitConverter.SingleToUInt32Bits(Powf.Pow(ref tables, x, e)) != BitConverter.SingleToUInt32Bits(CPowf(x, e)))
                differences++;
        }

        Assert.Equal(0, differences);
    }

    [LibraryImport("libm.so.6", EntryPoint = "powf")]
    private static partial float CPowf(float x, float y);
}
