using System.CommandLine;
using GpuCrypt.Host.Demo;
using Microsoft.Extensions.Logging;

namespace GpuCrypt.Host.Commands;

/// <summary><c>gpucrypt demo</c>: streams real embeddings through the service in one process and checks every record.</summary>
internal static class DemoCommand
{
    private const int FewestRecords = 1000;

    public static Command Create()
    {
        var defaults = new DemoOptions();
        var records = new Option<int>("--records") { Description = "How many records to stream.", DefaultValueFactory = _ => defaults.Records, HelpName = "N" };
        var factor = new Option<float>("--approximation-factor")
        {
            Description = "How much noise hides the vectors, β.",
            DefaultValueFactory = _ => defaults.ApproximationFactor,
            HelpName = "B",
        };
        var device = new Option<string>("--device") { Description = "The device; see 'gpucrypt devices'.", DefaultValueFactory = _ => defaults.Device, HelpName = "NAME" };
        var threads = new Option<int>("--threads") { Description = "Worker threads of a CPU device; 0 for one a core.", HelpName = "N" };
        var folder = new Option<string?>("--output") { Description = "Where the latency log goes. Default: a new folder for temporary files.", HelpName = "FOLDER" };
        var json = new Option<bool>("--json") { Description = "Print one JSON object instead of the page." };
        records.Require(value => value >= FewestRecords, $"is at least {FewestRecords}: fewer make no search worth the name");
        factor.Require(value => value is >= 0 and <= 1000, "is a number from 0 to 1000");
        threads.Require(value => value >= 0, "is 0 or more");
        var command = new Command("demo", "Stream real embeddings through an embedded broker and the service, check every record, and search the result.")
        {
            records, factor, device, threads, folder, json,
        };
        command.SetAction((result, cancellation) => Task.Run(() =>
        {
            using ILoggerFactory loggers = LoggerFactory.Create(b => b.SetMinimumLevel(LogLevel.Warning).AddConsole(o => o.LogToStandardErrorThreshold = LogLevel.Trace));
            var options = new DemoOptions
            {
                Records = result.GetValue(records),
                ApproximationFactor = result.GetValue(factor),
                Device = result.GetValue(device)!,
                Threads = result.GetValue(threads),
                OutputFolder = result.GetValue(folder),
            };
            var progress = new ProgressReporter(result.InvocationConfiguration.Error, "demo", !Console.IsErrorRedirected);
            DemoResult outcome = new DemoRun(options, loggers.CreateLogger("demo"), progress).Run(cancellation);
            TextWriter output = result.InvocationConfiguration.Output;
            if (result.GetValue(json))
                DemoReport.WriteJson(outcome, output);
            else
                DemoReport.WritePage(outcome, output, !Console.IsOutputRedirected);
            return outcome.Passed ? ExitCodes.Done : ExitCodes.Failed;
        }));
        return command;
    }
}
