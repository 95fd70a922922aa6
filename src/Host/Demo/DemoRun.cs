using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Confluent.Kafka;
using GpuCrypt.Host.Keyrings;
using GpuCrypt.Host.Service;
using GpuCrypt.Ingest.Kafka;
using GpuCrypt.Ingest.Kafka.Embedded;
using GpuCrypt.Kernels;
using GpuCrypt.Kernels.Keys;
using Microsoft.Extensions.Logging;

namespace GpuCrypt.Host.Demo;

/// <summary>
/// The whole way once, for everyone to see: an embedded broker, the samples streamed in, the real service encrypting them, an independent
/// consumer checking every record, and a search over the ciphertexts. One use.
/// </summary>
internal sealed class DemoRun(DemoOptions options, ILogger logger, ProgressReporter progress)
{
    private const string SecretPathName = "demo";
    private const int RecallAt = 10;
    private const int MostQueries = 500;
    private const int NeighboursShown = 5;
    private const double LeastRecall = 0.5;

    // The checker acknowledges what the source topic holds, and the sink's records are little larger: two windows stay far below 5 MiB.
    private const int WindowBytes = 1 << 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly string[] ShownWords = ["dog", "guitar", "bread", "river", "France", "Monday"];

    private readonly SampleSet _samples = SampleSet.Load();

    /// <summary>Runs the demo.</summary>
    /// <exception cref="CommandFailedException">It could not be carried through.</exception>
    public DemoResult Run(CancellationToken cancellation)
    {
        string folder = OutputFolder();
        string keyringFile = Path.Combine(folder, "keys.json");
        string latencyLog = Path.Combine(folder, "latency.hlog");
        File.Delete(latencyLog);
        NativeLibrdkafka.Load();
        using SecretPath secrets = NewSecrets(), otherSecrets = NewSecrets();
        try
        {
            using (var keyring = new Keyring(keyringFile, isSealed: false, [secrets]))
            {
                KeyringFile.Create(keyring, keyringFile, null);
                using VectorKey key = secrets.Derive(secrets.Current, DemoTopics.Tenant, DemoTopics.DerivationPath);
                using VectorKey otherKey = otherSecrets.Derive(otherSecrets.Current, DemoTopics.Tenant, DemoTopics.DerivationPath);
                using var cipher = new VectorCipher(key);
                using var wrongCipher = new VectorCipher(otherKey);
                return Run(keyringFile, latencyLog, cipher, wrongCipher, cancellation);
            }
        }
        finally
        {
            // The demo's secret has no further use; the latency log stays.
            File.Delete(keyringFile);
            File.Delete(keyringFile + ".lock");
            File.Delete(KeyUsage.FileOf(keyringFile));
            File.Delete(KeyUsage.FileOf(keyringFile) + ".lock");
        }
    }

    private static DemoCheck Check(string name, string what, bool held, string found) => new(name, what, held, found);

    private DemoResult Run(string keyringFile, string latencyLog, VectorCipher cipher, VectorCipher wrongCipher, CancellationToken cancellation)
    {
        using EmbeddedBroker broker = EmbeddedBroker.Start(new EmbeddedBrokerOptions
        {
            Topics = { (DemoTopics.Source, DemoTopics.Partitions), (DemoTopics.Sink, DemoTopics.Partitions), (DemoTopics.DeadLetter, 1) },
        });
        using var producer = new PacedProducer(
            new ProducerConfig { BootstrapServers = broker.BootstrapServers, LingerMs = 2 },
            DemoTopics.Source,
            DemoTopics.Partitions,
            new PacedProducerOptions { WindowBytes = WindowBytes });
        using var checker = new DemoChecker(
            broker.BootstrapServers, _samples, options.Records, cipher, wrongCipher, options.ApproximationFactor / 4, number => producer.Advance(PartitionOf(number), 1));
        long started = Stopwatch.GetTimestamp();
        TimeSpan joined = default;
        using var stop = new CancellationTokenSource();
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        DemoResult result;
        using (var service = new StreamingService(Settings(broker.BootstrapServers, keyringFile, latencyLog), logger))
        {
            Task<bool> serving = Start(() => service.Run(stop.Token));
            Task<bool> producing = Start(() =>
            {
                // Records that wait for the group to form would tell nothing about the service.
                service.WaitUntilAssigned(Patience, giveUp.Token);
                joined = Stopwatch.GetElapsedTime(started);
                return Produce(producer, giveUp.Token);
            });
            Task<bool> checking = Start(() =>
            {
                checker.ReadAll(Patience, giveUp.Token);
                return true;
            });
            while (!checking.Wait(TimeSpan.FromMilliseconds(100), CancellationToken.None))
            {
                progress.Report(checker.Received, options.Records);
                if (serving.IsFaulted || producing.IsFaulted)
                    giveUp.Cancel();
            }

            stop.Cancel();
            giveUp.Cancel();
            bool clean = serving.GetAwaiter().GetResult();
            try
            {
                producing.GetAwaiter().GetResult();
            }
            catch (OperationCanceledException)
            {
                // Records that never came back left no room for more: the checks below say so.
            }

            checker.ReadUpTo(service.Counters.RecordsOut, TimeSpan.FromSeconds(2));
            progress.Finish();
            DemoRecall recall = MeasureRecall(checker.Ciphertexts, cipher, wrongCipher, out IReadOnlyList<DemoNeighbours> neighbours);
            result = new DemoResult
            {
                Device = service.Device,
                Records = options.Records,
                Dimension = _samples.Dimension,
                ApproximationFactor = options.ApproximationFactor,
                StreamTime = checker.StreamTime,
                TimeToJoin = joined,
                TimeToFirst = Stopwatch.GetElapsedTime(started, Math.Max(started, checker.FirstAt)) - joined,
                Checks = Checks(checker, service, clean, recall),
                Latencies = service.Latencies.Snapshot(),
                Recall = recall,
                Neighbours = neighbours,
                LatencyLog = latencyLog,
            };
        }

        return result;
    }

    private static Task<bool> Start(Func<bool> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static int PartitionOf(int number) => number % DemoTopics.Partitions;

    private string OutputFolder() =>
        options.OutputFolder is { } folder ? Directory.CreateDirectory(folder).FullName : Directory.CreateTempSubdirectory("gpucrypt-demo-").FullName;

    private SecretPath NewSecrets() => new(SecretPathName, options.ApproximationFactor, scaling: false, KeyringSecret.Generate(1));

    private ServiceSettings Settings(string bootstrapServers, string keyringFile, string latencyLog) => new()
    {
        Kafka = new KafkaSettings
        {
            BootstrapServers = bootstrapServers,
            GroupId = "demo",
            // An idle fetch at the embedded broker is not woken by new records.
            ConsumerProperties = new Dictionary<string, string> { ["fetch.wait.max.ms"] = "10" },
        },
        Keyring = new KeyringSettings { File = keyringFile },
        Device = options.Device,
        Threads = options.Threads,
        Latency = new LatencySettings { File = latencyLog },
        Topics =
        [
            new TopicSettings
            {
                Source = DemoTopics.Source,
                Sink = DemoTopics.Sink,
                DeadLetter = DemoTopics.DeadLetter,
                Dimension = _samples.Dimension,
                SecretPath = SecretPathName,
                DefaultTenant = DemoTopics.Tenant,
                DefaultDerivationPath = DemoTopics.DerivationPath,
            },
        ],
    };

    private bool Produce(PacedProducer producer, CancellationToken cancellation)
    {
        for (int number = 0; number < options.Records; number++)
        {
            int row = number % _samples.Count;
            var message = new Message<byte[], byte[]>
            {
                Key = Encoding.UTF8.GetBytes(_samples.Words[row]),
                Value = MemoryMarshal.AsBytes(_samples.Row(row)).ToArray(),
                Headers = new Headers { { DemoTopics.IdHeader, Encoding.UTF8.GetBytes(number.ToString(CultureInfo.InvariantCulture)) } },
                Timestamp = new Timestamp(DateTimeOffset.UtcNow),
            };
            producer.Produce(PartitionOf(number), message, cancellation);
        }

        producer.Flush(cancellation);
        return true;
    }

    private List<DemoCheck> Checks(DemoChecker checker, StreamingService service, bool clean, DemoRecall recall)
    {
        int n = options.Records;
        int missing = n - checker.Distinct;
        return
        [
            Check("exactly-once", "every record is at the sink, once", missing == 0 && checker.Repeated == 0 && checker.Misfits == 0, $"{checker.Distinct:N0} of {n:N0}, {missing:N0} missing, {checker.Repeated:N0} repeated, {checker.Misfits:N0} unknown"),
            Check("no-dead-letters", "none was rejected", checker.DeadLetters == 0 && service.Counters.Rejected == 0, $"{checker.DeadLetters:N0} dead letters"),
            Check("tags", "every tag is valid", checker.BadTags == 0 && checker.Distinct > 0, $"{checker.BadTags:N0} bad"),
            Check("round-trip", "every record decrypts to what went in, within rounding", checker.BeyondRounding == 0 && checker.Distinct > 0, $"{checker.BeyondRounding:N0} beyond; largest difference {checker.LargestDifference:0.0e+0}"),
            Check("wrong-key", "another key opens nothing", checker.WrongKeyOpened == 0 && checker.WrongKeyTried > 0, $"{checker.WrongKeyOpened:N0} of {checker.WrongKeyTried:N0} tried"),
            Check("recall", "search on ciphertext finds the neighbours, with the right key alone", recall.RightKey >= LeastRecall && recall.WrongKey <= Math.Max(0.02, 20 * recall.Chance), $"recall@{RecallAt} {recall.RightKey:0.000} with it, {recall.WrongKey:0.000} without"),
            Check("clean-stop", "the service finished and committed everything", clean, clean ? "yes" : "no"),
        ];
    }

    /// <summary>Searches the ciphertexts of the first time round with queries under both keys.</summary>
    private DemoRecall MeasureRecall(float[] ciphertexts, VectorCipher cipher, VectorCipher wrongCipher, out IReadOnlyList<DemoNeighbours> neighbours)
    {
        int d = _samples.Dimension, n = ciphertexts.Length / d;
        ReadOnlyMemory<float> plain = _samples.Vectors[..ciphertexts.Length];
        // Spread evenly: the samples are in an order of their own.
        int[] rows = [.. Enumerable.Range(0, Math.Min(MostQueries, n)).Select(q => (int)((long)q * n / Math.Min(MostQueries, n)))];
        int[][] expected = NearestNeighbours.FindAll(plain, d, rows, RecallAt);
        int[][] right = NearestNeighbours.FindAll(ciphertexts, d, Queries(cipher, rows), rows, RecallAt);
        int[][] wrong = NearestNeighbours.FindAll(ciphertexts, d, Queries(wrongCipher, rows), rows, RecallAt);

        int[] shown = [.. ShownWords.Select(_samples.RowOf).Where(row => row >= 0 && row < n)];
        int[][] shownPlain = NearestNeighbours.FindAll(plain, d, shown, NeighboursShown);
        int[][] shownRight = NearestNeighbours.FindAll(ciphertexts, d, Queries(cipher, shown), shown, NeighboursShown);
        int[][] shownWrong = NearestNeighbours.FindAll(ciphertexts, d, Queries(wrongCipher, shown), shown, NeighboursShown);
        neighbours = [.. shown.Select((row, i) => new DemoNeighbours(_samples.Words[row], Words(shownPlain[i]), Words(shownRight[i]), Words(shownWrong[i])))];
        return new DemoRecall(rows.Length, RecallEvaluation.Recall(expected, right), RecallEvaluation.Recall(expected, wrong), (double)RecallAt / Math.Max(1, n - 1));

        string[] Words(int[] found) => [.. found.Select(row => _samples.Words[row])];
    }

    private float[] Queries(VectorCipher cipher, int[] rows)
    {
        float[] queries = new float[rows.Length * _samples.Dimension];
        for (int i = 0; i < rows.Length; i++)
            cipher.EncryptQuery(_samples.Row(rows[i])).CopyTo(queries, i * _samples.Dimension);
        return queries;
    }
}
