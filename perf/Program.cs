using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using GpuCrypt.Perf.Floor;
using GpuCrypt.Perf.Kafka;
using GpuCrypt.Perf.Scaling;
using GpuCrypt.Perf.Stages;
using GpuCrypt.Perf.Suites;

namespace GpuCrypt.Perf;

/// <summary><c>floor</c>, or nothing, compares with OpenSSL in a minute; <c>scaling</c> one thread with more; <c>stages</c> shows where an encryption's time goes; <c>kafka</c> compares the service with a plain copy from topic to topic; anything else goes to BenchmarkDotNet.</summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        if (args.Length == 0 || args[0] == FloorCommand.Name)
            return FloorCommand.Create().Parse(args.Length == 0 ? args : args[1..]).Invoke();
        if (args[0] == KafkaCommand.Name)
            return KafkaCommand.Create().Parse(args[1..]).Invoke();
        if (args[0] == ScalingCommand.Name)
            return ScalingCommand.Create().Parse(args[1..]).Invoke();
        if (args[0] == StagesCommand.Name)
            return StagesCommand.Create().Parse(args[1..]).Invoke();
        if (args[0] == BrokerProcess.Command)
            return BrokerProcess.Serve(args[1..]);
        // In this process: the projects that BenchmarkDotNet would generate do not restore where a registry lacks what it asks for.
        IConfig config = DefaultConfig.Instance
            .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance).AsDefault())
            .AddColumn(new VectorsPerSecondColumn())
            .HideColumns(Column.Error, Column.RatioSD);
        IEnumerable<Summary> summaries = BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, config);
        // BenchmarkDotNet reports a benchmark that could not run and carries on; here that is a failure.
        return summaries.Any(summary => summary.HasCriticalValidationErrors || summary.Reports.Any(report => !report.Success)) ? 1 : 0;
    }
}
