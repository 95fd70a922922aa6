using System.Runtime.Versioning;
using GpuCrypt.Perf.Floor;

namespace GpuCrypt.Perf.Stages;

/// <summary>Medians of the processor time of something short, done over and over on the pinned thread.</summary>
[SupportedOSPlatform("linux")]
internal static class Repeated
{
    private const int Slices = 9;

    // Long against a look at the clock, short against a change of the clock's speed.
    private const double SliceSeconds = 0.01;

    /// <summary>Seconds that one call takes.</summary>
    public static double Seconds(Action action)
    {
        // Until the runtime has compiled what is called for good.
        for (double start = ThreadClock.Now(); ThreadClock.Now() - start < 0.15;)
            action();
        Thread.Sleep(120);
        int calls = 1;
        while (Slice(action, calls) * calls < SliceSeconds)
            calls *= 2;
        double[] seconds = new double[Slices];
        for (int i = 0; i < Slices; i++)
            seconds[i] = Slice(action, calls);
        Array.Sort(seconds);
        return seconds[Slices / 2];
    }

    private static double Slice(Action action, int calls)
    {
        double start = ThreadClock.Now();
        for (int i = 0; i < calls; i++)
            action();
        return (ThreadClock.Now() - start) / calls;
    }
}
