using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace GpuCrypt.Kernels.Devices.Cpu;

/// <summary>Which code the CPU device runs.</summary>
public enum CpuPath
{
    /// <summary>The widest vectors that the processor has.</summary>
    Widest,

    /// <summary>512-bit vectors (AVX-512 F, BW, DQ, VL).</summary>
    Vector512,

    /// <summary>256-bit vectors (AVX2).</summary>
    Vector256,

    /// <summary>128-bit vectors where there are any, scalar code elsewhere: any processor.</summary>
    Portable,

    /// <summary>The scalar scheme itself, the definition: slow, for comparison.</summary>
    Scalar,
}

/// <summary>The names of the CPU paths and what they need.</summary>
public static class CpuPaths
{
    /// <summary>The paths that this processor supports, <see cref="CpuPath.Widest"/> first.</summary>
    public static IEnumerable<CpuPath> Available() => Enum.GetValues<CpuPath>().Where(IsSupported);

    /// <summary>Whether this processor supports a path.</summary>
    public static bool IsSupported(CpuPath path) => path switch
    {
        CpuPath.Vector512 => Vector512.IsHardwareAccelerated && Avx512F.IsSupported && Avx512BW.IsSupported && Avx512DQ.IsSupported && Avx512F.VL.IsSupported,
        CpuPath.Vector256 => Vector256.IsHardwareAccelerated && Avx2.IsSupported,
        _ => true,
    };

    /// <summary>The path that <see cref="CpuPath.Widest"/> stands for here.</summary>
    public static CpuPath Resolve(CpuPath path) => path switch
    {
        not CpuPath.Widest => path,
        _ when IsSupported(CpuPath.Vector512) => CpuPath.Vector512,
        _ when IsSupported(CpuPath.Vector256) => CpuPath.Vector256,
        _ => CpuPath.Portable,
    };

    /// <summary>The device name of a path.</summary>
    public static string Name(CpuPath path) => path switch
    {
        CpuPath.Vector512 => "cpu:vector512",
        CpuPath.Vector256 => "cpu:vector256",
        CpuPath.Portable => "cpu:portable",
        CpuPath.Scalar => "cpu:scalar",
        _ => "cpu",
    };

    internal static string Requirement(CpuPath path) => path == CpuPath.Vector512 ? "AVX-512 (F, BW, DQ, VL)" : "AVX2";

    internal static bool TryParse(string name, out CpuPath path)
    {
        foreach (CpuPath candidate in Enum.GetValues<CpuPath>())
        {
            if (Name(candidate) == name)
            {
                path = candidate;
                return true;
            }
        }

        path = CpuPath.Widest;
        return false;
    }
}
