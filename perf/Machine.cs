using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using GpuCrypt.Kernels.Devices;

namespace GpuCrypt.Perf;

/// <summary>The machine that a figure belongs to, in lines for a report.</summary>
internal static class Machine
{
    /// <summary>Processor, instruction sets, runtime, system.</summary>
    public static IEnumerable<string> Describe()
    {
        yield return $"Processor: {DeviceCatalog.List()[0].Hardware}, {Environment.ProcessorCount} cores, load {Load()}";
        yield return $"Instruction sets in use by .NET: {string.Join(", ", InstructionSets())}";
        yield return $"Runtime: {RuntimeInformation.FrameworkDescription} on {RuntimeInformation.OSDescription}, {(IsOptimized ? "Release" : "DEBUG BUILD: figures mean nothing")}";
    }

    private static bool IsOptimized { get; } =
        !typeof(Machine).Assembly.GetCustomAttributes(typeof(System.Diagnostics.DebuggableAttribute), false)
            .Cast<System.Diagnostics.DebuggableAttribute>().Any(a => a.IsJITOptimizerDisabled);

    private static string[] InstructionSets()
    {
        (string Name, bool Supported)[] sets =
        [
            ("AVX2", Avx2.IsSupported), ("AVX-512F", Avx512F.IsSupported), ("AVX-512BW", Avx512BW.IsSupported), ("AVX-512DQ", Avx512DQ.IsSupported),
            ("AVX-512VL", Avx512F.VL.IsSupported), ("AVX-512VBMI", Avx512Vbmi.IsSupported),
        ];
        string[] supported = [.. sets.Where(s => s.Supported).Select(s => s.Name)];
        return supported.Length == 0 ? ["none of AVX2 and AVX-512"] : supported;
    }

    /// <summary>The one-minute load average: figures from a busy machine say less.</summary>
    private static string Load()
    {
        try
        {
            return File.ReadAllText("/proc/loadavg").Split(' ')[0];
        }
        catch (IOException)
        {
            return "unknown";
        }
    }
}
