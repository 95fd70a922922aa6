using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using GpuCrypt.Host.Benchmark;
using GpuCrypt.Host.Service;
using GpuCrypt.Kernels.Batches;
using GpuCrypt.Kernels.Devices;

namespace GpuCrypt.Host.Commands;

/// <summary><c>gpucrypt bench</c>: how many vectors a second a device of this machine does, for those who choose hardware.</summary>
internal static class BenchCommand
{
    private const int MostThreads = 1024;
    private const double MostSeconds = 3600;

    public static Command Create()
    {
        var defaults = new BenchmarkOptions();
        var device = new Option<string>("--device") { Description = "The device: auto, or a name from 'gpucrypt devices'.", HelpName = "NAME", DefaultValueFactory = _ => DeviceCatalog.Auto };
        var operations = new Option<string[]>("--operation")
        {
            Description = "What to measure. May be given several times.",
            HelpName = string.Join('|', BenchmarkOperations.Names),
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [.. BenchmarkOperations.Names],
        };
        var dimensions = new Option<int[]>("--dimension")
        {
            Description = $"The elements of a vector, 1 to {VectorBatch.MaximumDimension}. May be given several times.",
            HelpName = "N",
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [.. defaults.Dimensions],
        };
        var threads = new Option<int?>("--threads") { Description = $"Worker threads of a CPU device, 1 to {MostThreads}. Default: one a core.", HelpName = "N" };
        var batch = new Option<int?>("--batch") { Description = $"Vectors of a batch. Default: as many as a batch of the service holds, {new BatchSettings().Bytes >> 20} MiB of float32.", HelpName = "N" };
        var iv = new Option<string>("--iv")
        {
            Description = "Where the IVs of encrypt and rotate come from: random, or synthetic, the streaming service's default, which costs a second hash.",
            HelpName = "random|synthetic",
            DefaultValueFactory = _ => "random",
        };
        var seconds = new Option<double>("--seconds")
        {
            Description = $"How long each figure is measured, up to {MostSeconds}; its warm-up, half a second as a rule, comes first.",
            HelpName = "N",
            DefaultValueFactory = _ => defaults.Time.TotalSeconds,
        };
        var json = new Option<bool>("--json")
        {
            Description = "Print one JSON object a figure, as soon as it is measured: device, operation, dimension, threads, batch, vectors_per_second, ns_per_vector, allocated_bytes_per_vector, machine and more.",
        };
        operations.Require(names => names.All(BenchmarkOperations.Names.Contains), $"is one of {string.Join(", ", BenchmarkOperations.Names)}");
        dimensions.Require(values => values.All(value => value is >= 1 and <= VectorBatch.MaximumDimension), $"is a number from 1 to {VectorBatch.MaximumDimension}");
        threads.Require(value => value is null or (>= 1 and <= MostThreads), $"is a number from 1 to {MostThreads}");
        batch.Require(value => value is null or >= 1, "is a number, at least 1");
        iv.Require(name => name is "random" or "synthetic", "is one of random, synthetic");
        seconds.Require(value => value is > 0 and <= MostSeconds, $"is a number above 0, at most {MostSeconds}");

        var command = new Command("bench", "Measure how many vectors a second a device of this machine does.") { device, operations, dimensions, threads, batch, iv, seconds, json };
        var help = new HelpOption();
        help.Action = new BenchHelp((HelpAction)help.Action!);
        command.Options.Add(help);
        command.SetAction((result, cancellation) => Task.Run(() =>
        {
            var options = new BenchmarkOptions
            {
                Operations = [.. result.GetValue(operations)!.Distinct().Select(BenchmarkOperations.Parse)],
                Dimensions = [.. result.GetValue(dimensions)!.Distinct()],
                Threads = result.GetValue(threads),
                Batch = result.GetValue(batch),
                Ivs = result.GetValue(iv) == "synthetic" ? IvSource.Synthetic : IvSource.Random,
                Time = TimeSpan.FromSeconds(result.GetValue(seconds)),
            };
            return Run(result, options, result.GetValue(device)!, result.GetValue(json), cancellation);
        }));
        return command;
    }

    private static int Run(ParseResult result, BenchmarkOptions options, string name, bool json, CancellationToken cancellation)
    {
        options.CheckIvs();
        options.CheckMemory(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        using IVectorDevice device = DeviceOpener.OpenNamed(name, options.Threads ?? 0);
        options.CheckThreads(device.Description);
        using var signals = new StopSignals();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(signals.Token, cancellation);
        TextWriter output = result.InvocationConfiguration.Output, error = result.InvocationConfiguration.Error;
        var progress = new ProgressReporter(error, "bench", ReferenceEquals(error, Console.Error) && !Console.IsErrorRedirected);
        var run = new BenchmarkRun(device, options, progress);
        var machine = Machine.Read(device.Description);
        var figures = new List<BenchmarkFigure>(run.Count);
        try
        {
            foreach (BenchmarkFigure figure in run.Measure(stop.Token))
            {
                figures.Add(figure);
                if (!json)
                    continue;
                progress.Finish();
                BenchmarkReport.WriteJson(output, machine, device.Description, figure);
            }
        }
        catch (OperationCanceledException exception) when (stop.IsCancellationRequested)
        {
            throw new CommandFailedException($"bench: interrupted after {figures.Count} of {run.Count} figures.", ExitCodes.Failed, exception);
        }
        finally
        {
            progress.Finish();
            // What was measured before something ended the run is as good as ever.
            if (!json && figures.Count > 0)
                BenchmarkReport.WriteTable(output, machine, device.Description, options, figures);
        }

        return ExitCodes.Done;
    }

    /// <summary>The usual help, then what the figures are.</summary>
    private sealed class BenchHelp(HelpAction usual) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            int code = usual.Invoke(parseResult);
            TextWriter output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Figures:");
            string[][] figures =
            [
                ["  VECTORS/S", "vectors a second by the clock on the wall, all workers together: the median of ten slices of the time"],
                ["  LOWEST, HIGHEST", "the slowest and the fastest slice"],
                ["  NS/VECTOR", "the time from one vector to the next, all workers together"],
                ["  GB/S", "float32 elements going in, in 10^9 bytes a second; as many come out"],
                ["  P50, P99", $"from a batch's handing over to its end, behind the batches before it: {DeviceLoad.BatchesInFlight} are on the way at any time"],
                ["  B/VECTOR", "managed memory that all threads allocated; 0 on CPU devices"],
            ];
            TextTable.Write(output, figures);
            return code;
        }
    }
}
