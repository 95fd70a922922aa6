using System.ComponentModel;
using System.Diagnostics;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace GpuCrypt.Perf.Floor;

/// <summary>
/// One thread on one core, measured in the processor time it got: on a machine that others use too, time spent waiting for a turn is nobody's
/// cost. <c>openssl speed</c> measures the same way.
/// </summary>
[SupportedOSPlatform("linux")]
internal static partial class ThreadClock
{
    private const int ThreadProcessorTime = 3;

    /// <summary>Keeps the calling thread, which must be the process's first, and programs started from it on one core.</summary>
    /// <returns>The core: the last one that this process may use.</returns>
    public static int Pin()
    {
        using Process self = Process.GetCurrentProcess();
        int core = BitOperations.Log2((ulong)self.ProcessorAffinity);
        self.ProcessorAffinity = (nint)(1UL << core);
        return core;
    }

    /// <summary>Processor time of the calling thread in seconds.</summary>
    public static double Now()
    {
        if (GetTime(ThreadProcessorTime, out TimeSpec time) != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        return time.Seconds + (time.Nanoseconds / 1e9);
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime", SetLastError = true)]
    private static partial int GetTime(int clock, out TimeSpec time);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
