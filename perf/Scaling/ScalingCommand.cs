using System.CommandLine;
using System.Globalization;
using GpuCrypt.Host.Benchmark;
using GpuCrypt.Host.Commands;
using GpuCrypt.Kernels.Batches;
using GpuCrypt.Kernels.Devices;

namespace GpuCrypt.Perf.Scaling;

/// <summary>
/// What more threads bring: one CPU device with one thread, with two, and so on, side by side in one run. Their slices take turns, so that
/// all see the same machine; vectors a second by the clock on the wall, with two batches in flight as the service has them.
/// </summary>
internal static class ScalingCommand
{
    public const string Name = "scaling";

    /// <summary>What two cores are to reach.</summary>
    private const double Budget = 1.9;

    public static RootCommand Create()
    {
        var device = new Option<string>("--device") { Description = "The CPU device.", DefaultValueFactory = _ => "cpu" };
        var threads = new Option<int[]>("--threads")
        {
            Description = "Numbers of threads to compare with one.",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [.. Doublings(Environment.ProcessorCount)],
        };
        var operations = new Option<string[]>("--operation") { Description = "Operations.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [.. BenchmarkOperations.Names] };
        var dimensions = new Option<int[]>("--dimension") { Description = "Dimensions.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [384, 1536] };
        var rows = new Option<int?>("--rows") { Description = "Rows of a batch; as many as a batch of the service holds when left out." };
        var repeats = new Option<int>("--repeats") { Description = "Slices of each figure.", DefaultValueFactory = _ => 9 };
        var slice = new Option<double>("--slice") { Description = "Seconds of a slice.", DefaultValueFactory = _ => 0.2 };
        threads.Require(values => values.All(value => value is >= 1 and <= 1024), "is a number from 1 to 1024");
        operations.Require(names => names.All(BenchmarkOperations.Names.Contains), $"is one of {string.Join(", ", BenchmarkOperations.Names)}");
        dimensions.Require(values => values.All(value => value is >= 1 and <= VectorBatch.MaximumDimension), $"is a number from 1 to {VectorBatch.MaximumDimension}");
        rows.Require(value => value is null or >= 1, "is a number, at least 1");
        repeats.Require(value => value >= 1, "is a number, at least 1");
        slice.Require(value => value is >= 0.01 and <= 60, "is a number from 0.01 to 60");

        var command = new RootCommand("Compare a CPU device with one thread and with more.") { device, threads, operations, dimensions, rows, repeats, slice };
        command.SetAction(result => Run(
            result.InvocationConfiguration.Output,
            new ScalingOptions(
                result.GetValue(device)!,
                [.. result.GetValue(threads)!.Append(1).Distinct().Order()],
                [.. result.GetValue(operations)!.Distinct().Select(BenchmarkOperations.Parse)],
                result.GetValue(dimensions)!,
                result.GetValue(rows),
                result.GetValue(repeats),
                TimeSpan.FromSeconds(result.GetValue(slice)))));
        return command;
    }

    private static void Run(TextWriter output, ScalingOptions options)
    {
        // Opened before anything is written: a name that is none ends here.
        IVectorDevice[] devices = [.. options.Threads.Select(threads => DeviceCatalog.Open(options.Device, threads))];
        try
        {
            foreach (string line in Machine.Read().Lines())
                output.WriteLine($"- {line}");
            output.WriteLine($"- Device: {devices[0].Description.Name}, {devices[0].Description.Detail}; {DeviceLoad.BatchesInFlight} batches in flight, medians of {options.Repeats} slices by the clock on the wall");
            output.WriteLine($"- Command: {options.CommandLine}");
            output.WriteLine();
            output.WriteLine("| d | operation | rows | threads | vectors/s | lowest to highest | times one thread | lowest to highest | processor ns a vector | cores busy |");
            output.WriteLine("|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|");
            double worst = double.PositiveInfinity;
            foreach (int dimension in options.Dimensions)
            {
                foreach (BatchOperation operation in options.Operations)
                    worst = Math.Min(worst, Compare(output, devices, options, operation, dimension));
            }

            if (double.IsFinite(worst))
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\nBudget: two threads at least {Budget} times one; the lowest found is {worst:0.00}: {(worst >= Budget ? "met" : "not met")}."));
        }
        finally
        {
            foreach (IVectorDevice device in devices)
                device.Dispose();
        }
    }

    /// <summary>Measures one operation at one dimension.</summary>
    /// <returns>What two threads bring; infinity where two are not compared.</returns>
    private static double Compare(TextWriter output, IVectorDevice[] devices, ScalingOptions options, BatchOperation operation, int dimension)
    {
        int rows = new BenchmarkOptions { Batch = options.Rows }.Rows(dimension);
        LoadSlice[][] slices = Measure(devices, options, operation, dimension, rows);
        double two = double.PositiveInfinity;
        for (int i = 0; i < devices.Length; i++)
        {
            double[] rates = [.. slices[i].Select(s => s.VectorsPerSecond)];
            double[] ratios = [.. rates.Zip(slices[0], (rate, one) => rate / one.VectorsPerSecond)];
            double processor = Median.Of(slices[i].Select(s => s.ProcessorNanosecondsPerVector)), busy = Median.Of(slices[i].Select(s => s.Processor.TotalSeconds / s.Seconds));
            output.WriteLine(
                string.Create(CultureInfo.InvariantCulture, $"| {dimension} | {BenchmarkOperations.Name(operation)} | {rows} | {options.Threads[i]} | {Median.Of(rates):N0} | {rates.Min():N0} to {rates.Max():N0} ")
                + string.Create(CultureInfo.InvariantCulture, $"| {Median.Of(ratios):0.00} | {ratios.Min():0.00} to {ratios.Max():0.00} | {processor:N0} | {busy:0.00} |"));
            if (options.Threads[i] == 2)
                two = Median.Of(ratios);
        }

        return two;
    }

    private static LoadSlice[][] Measure(IVectorDevice[] devices, ScalingOptions options, BatchOperation operation, int dimension, int rows)
    {
        LoadSlice[][] slices = [.. devices.Select(_ => new LoadSlice[options.Repeats])];
        using var keys = new BenchmarkKeys();
        var loads = new List<DeviceLoad>(devices.Length);
        try
        {
            foreach (IVectorDevice device in devices)
            {
                loads.Add(new DeviceLoad(device, keys, operation, IvSource.Random, dimension, rows));
                WarmUp.Run(loads[^1], CancellationToken.None);
            }

            for (int repeat = 0; repeat < options.Repeats; repeat++)
            {
                for (int i = 0; i < loads.Count; i++)
                    slices[i][repeat] = loads[i].Measure(options.Slice, null, CancellationToken.None);
            }
        }
        finally
        {
            foreach (DeviceLoad load in loads)
                load.Dispose();
        }

        return slices;
    }

    /// <summary>1, 2, 4 and so on, and the number itself.</summary>
    private static IEnumerable<int> Doublings(int most)
    {
        for (int threads = 1; threads < most; threads *= 2)
            yield return threads;
        yield return most;
    }
}
