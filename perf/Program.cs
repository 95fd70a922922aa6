using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace GpuCrypt.Perf;

internal static class Program
{
    // BenchmarkDotNet reports a benchmark that could not run and carries on; here that is a failure.
    private static int Main(string[] args)
    {
        IEnumerable<Summary> summaries = BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
        return summaries.Any(summary => summary.HasCriticalValidationErrors || summary.Reports.Any(report => !report.Success)) ? 1 : 0;
    }
}
