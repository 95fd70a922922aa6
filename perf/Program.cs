using BenchmarkDotNet.Running;

namespace GpuCrypt.Perf;

internal static class Program
{
    private static void Main(string[] args) => BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
}
