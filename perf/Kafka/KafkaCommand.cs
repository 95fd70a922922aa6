using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using GpuCrypt.Host.Benchmark;
using GpuCrypt.Host.Service;
using GpuCrypt.Host.Telemetry;
using GpuCrypt.Ingest.Kafka;
using GpuCrypt.Kernels.Batches;
using GpuCrypt.Kernels.Devices;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuCrypt.Perf.Kafka;

/// <summary>
/// Kafka to Kafka: the service against the same client's plain copy from topic to topic, in turns, on one machine in one run, with the
/// broker in another process. Prints a table, and where that stands to the budget.
/// </summary>
internal static class KafkaCommand
{
    public const string Name = "kafka";

    private const double DeviceShare = 1.15;

    public static RootCommand Create()
    {
        var dimension = new Option<int>("--dimension") { Description = "Elements of a vector.", DefaultValueFactory = _ => 384 };
        var records = new Option<long>("--records") { Description = "Records of each run.", DefaultValueFactory = _ => 200_000 };
        var rounds = new Option<int>("--rounds") { Description = "Runs of each kind; medians are shown.", DefaultValueFactory = _ => 3 };
        var device = new Option<string>("--device") { Description = "The device.", DefaultValueFactory = _ => DeviceCatalog.Auto };
        var threads = new Option<int>("--threads") { Description = "Worker threads of a CPU device; 0 for one a core.", DefaultValueFactory = _ => 0 };
        var batch = new Option<int>("--batch-kib") { Description = "The size of a batch's plaintexts in KiB (batch.bytes).", DefaultValueFactory = _ => new BatchSettings().Bytes >> 10 };
        dimension.Validators.Add(r => { if (r.GetValue(dimension) < 1) r.AddError("--dimension: expected at least 1"); });
        records.Validators.Add(r => { if (r.GetValue(records) < 1000) r.AddError("--records: expected at least 1000"); });
        rounds.Validators.Add(r => { if (r.GetValue(rounds) < 1) r.AddError("--rounds: expected at least 1"); });
        var command = new RootCommand("Compare the service with a plain copy from topic to topic.") { dimension, records, rounds, device, threads, batch };
        command.SetAction(result => Run(
            result.InvocationConfiguration.Output, result.GetValue(dimension), result.GetValue(records), result.GetValue(rounds), result.GetValue(device)!, result.GetValue(threads), new BatchSettings { Bytes = result.GetValue(batch) << 10, MaxMessageBytes = Math.Min(result.GetValue(batch) << 9, 1 << 20) }));
        return command;
    }

    private static void Run(TextWriter output, int dimension, long records, int rounds, string device, int threads, BatchSettings batch)
    {
        NativeLibrdkafka.Load();
        string folder = Directory.CreateTempSubdirectory("gpucrypt-perf-").FullName;
        try
        {
            string keyring = WriteKeyring(folder);
            // The first round finds code that is not compiled to its best, and is not counted.
            string[] groups = [.. Enumerable.Range(0, rounds + 1).SelectMany(r => new[] { $"copy{r}", $"service{r}" })];
            using BrokerProcess broker = BrokerProcess.Start(groups, dimension, records);
            var kafka = new KafkaSettings
            {
                BootstrapServers = broker.BootstrapServers,
                CommitInterval = TimeSpan.FromMilliseconds(50),
                ConsumerProperties = new Dictionary<string, string> { ["fetch.wait.max.ms"] = "10" },
            };
            List<LoadResult> copies = [], services = [];
            List<double> devices = [];
            for (int round = 0; round <= rounds; round++)
            {
                broker.Fill($"copy{round}");
                LoadResult copy = PlainCopy.Run(kafka, $"copy{round}", dimension, records);
                broker.Fill($"service{round}");
                LoadResult service = Serve(kafka, $"service{round}", keyring, device, threads, batch, records);
                if (round == 0)
                    continue;
                copies.Add(copy);
                services.Add(service);
                devices.Add(DeviceTime(device, dimension, batch));
            }

            Report(output, dimension, records, rounds, device, batch, copies, services, Median.Of(devices));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static LoadResult Serve(KafkaSettings kafka, string group, string keyring, string device, int threads, BatchSettings batch, long records)
    {
        var settings = new ServiceSettings
        {
            Kafka = kafka with { GroupId = group },
            Keyring = new KeyringSettings { File = keyring },
            Device = device,
            Threads = threads,
            Batch = batch,
            Topics = [new TopicSettings { Source = $"{group}-in", Sink = $"{group}-out", DefaultTenant = "tenant", DefaultDerivationPath = "benchmark" }],
        };
        using var service = new StreamingService(settings, NullLogger.Instance);
        using var stop = new CancellationTokenSource();
        Task<bool> running = Task.Factory.StartNew(() => service.Run(stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var meter = new LoadMeter();
        while (service.Counters.RecordsOut < records)
        {
            if (running.IsCompleted)
                throw new InvalidOperationException($"the service ended after {service.Counters.RecordsOut} of {records} records", running.Exception);
            if (!meter.Started && service.Counters.RecordsOut >= records / 10)
                meter.Start(service.Counters.RecordsOut);
            Thread.Sleep(1);
        }

        LoadResult measured = meter.Stop(service.Counters.RecordsOut, service.Latencies.Total(Stage.EndToEnd));
        stop.Cancel();
        if (!running.Result || service.Counters.Rejected > 0)
            throw new InvalidOperationException("the service did not deliver everything: its figures mean nothing");
        return measured;
    }

    /// <summary>The device's own processor time a vector in microseconds: the same rows, with nothing around it.</summary>
    private static double DeviceTime(string name, int dimension, BatchSettings batch)
    {
        int rows = Math.Min(batch.Rows, Math.Max(1, batch.Bytes / sizeof(float) / ((dimension + 15) & ~15)));
        using IVectorDevice device = DeviceCatalog.Open(name, 1);
        using var keys = new BenchmarkKeys();
        using var work = new Workload(device, keys, BatchOperation.Encrypt, IvSource.Synthetic, dimension, rows);
        for (var warm = Stopwatch.StartNew(); warm.ElapsedMilliseconds < 300;)
            work.Run();
        TimeSpan before = Environment.CpuUsage.TotalTime;
        long vectors = 0;
        for (var time = Stopwatch.StartNew(); time.ElapsedMilliseconds < 1000; vectors += rows)
            work.Run();
        work.Check();
        return (Environment.CpuUsage.TotalTime - before).TotalMicroseconds / vectors;
    }

    private static void Report(TextWriter output, int dimension, long records, int rounds, string device, BatchSettings batch, List<LoadResult> copies, List<LoadResult> services, double deviceTime)
    {
        double copyCpu = Median.Of(copies.Select(c => c.CpuMicroseconds)), serviceCpu = Median.Of(services.Select(c => c.CpuMicroseconds));
        double budget = copyCpu + (DeviceShare * deviceTime);
        foreach (string line in Machine.Read().Lines())
            output.WriteLine($"- {line}");
        output.WriteLine(Line($"- librdkafka {NativeLibrdkafka.Version}; the broker and the producers run in another process on the same cores"));
        output.WriteLine(Line($"- `dotnet run -c Release --project perf -- kafka --dimension {dimension} --records {records} --rounds {rounds} --device {device} --batch-kib {batch.Bytes >> 10}`; medians"));
        output.WriteLine();
        output.WriteLine("| d | what | records/s | CPU µs a record | lowest to highest | p50 ms | p99 ms |");
        output.WriteLine("|---|---|---|---|---|---|---|");
        Row("plain copy", copies);
        Row("service", services);
        output.WriteLine(Line($"| {dimension} | of it the device's threads | | {Median.Of(services.Select(s => s.DeviceMicroseconds)):0.00} | | | |"));
        output.WriteLine(Line($"| {dimension} | device alone, one thread | | {deviceTime:0.00} | | | |"));
        output.WriteLine();
        output.WriteLine(Line($"Budget: {copyCpu:0.00} + {DeviceShare} · {deviceTime:0.00} = {budget:0.00} µs a record; the service takes {serviceCpu:0.00}, {serviceCpu / budget:0.00} of it: {(serviceCpu <= budget ? "met" : "not met")}."));
        output.WriteLine(Line($"Throughput: {Median.Of(services.Select(s => s.PerSecond)) / Median.Of(copies.Select(s => s.PerSecond)):0.00} of the plain copy's."));

        void Row(string what, List<LoadResult> results) => output.WriteLine(Line($"| {dimension} | {what} | {Median.Of(results.Select(r => r.PerSecond)):N0} | {Median.Of(results.Select(r => r.CpuMicroseconds)):0.00} | {results.Min(r => r.CpuMicroseconds):0.00} to {results.Max(r => r.CpuMicroseconds):0.00} ")
            + Line($"| {Median.Of(results.Select(r => r.P50 / 1e6)):0.0} | {Median.Of(results.Select(r => r.P99 / 1e6)):0.0} |"));
    }

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string WriteKeyring(string folder)
    {
        string file = Path.Combine(folder, "keys.json");
        File.WriteAllText(file, """
            { "format": "gpucrypt-keyring", "version": 1, "secretPaths": { "default": { "approximationFactor": 2.236, "scaling": true,
              "current": { "id": 1, "created": "2026-01-01T00:00:00Z", "secret": "4560639ec670b7a17d492b273e077b0a96bef58ba7760779e544546e000efec8" } } } }
            """);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return file;
    }
}
