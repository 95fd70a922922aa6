using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Confluent.Kafka;
using GpuCrypt.Ingest.Kafka.Embedded;

namespace GpuCrypt.Perf.Kafka;

/// <summary>
/// The other side of the load: this program once more, as a process of its own, with the embedded broker and the producers that fill the
/// source topics as fast as their readers commit. Its processor time is not that of what is measured.
/// </summary>
internal sealed class BrokerProcess : IDisposable
{
    public const string Command = "kafka-broker";
    public const int Partitions = 4;

    private readonly Process _process;

    private BrokerProcess(Process process, string bootstrapServers)
    {
        _process = process;
        BootstrapServers = bootstrapServers;
    }

    public string BootstrapServers { get; }

    /// <summary>Starts the process. Each group reads a source topic of its own, <c>{group}-in</c>, and has <c>{group}-out</c> for results.</summary>
    public static BrokerProcess Start(IEnumerable<string> groups, int dimension, long records)
    {
        string program = typeof(BrokerProcess).Assembly.Location;
        var start = new ProcessStartInfo(Environment.ProcessPath ?? "dotnet") { RedirectStandardOutput = true, RedirectStandardInput = true };
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet")
            start.ArgumentList.Add(program);
        foreach (string argument in (string[])[Command, dimension.ToString(CultureInfo.InvariantCulture), records.ToString(CultureInfo.InvariantCulture), .. groups])
            start.ArgumentList.Add(argument);
        Process process = Process.Start(start) ?? throw new InvalidOperationException("the broker's process did not start");
        if (process.StandardOutput.ReadLine() is { } bootstrapServers)
            return new BrokerProcess(process, bootstrapServers);
        process.Dispose();
        throw new InvalidOperationException("the broker's process ended before it said where it listens");
    }

    /// <summary>Lets the group's source topic fill.</summary>
    public void Fill(string group) => _process.StandardInput.WriteLine(group);

    public void Dispose()
    {
        // The end of its input ends it.
        _process.StandardInput.Close();
        if (!_process.WaitForExit(5000))
            _process.Kill();
        _process.Dispose();
    }

    /// <summary>The process's own main: fills a topic for each line of its input, and ends with it.</summary>
    public static int Serve(string[] args)
    {
        int dimension = int.Parse(args[0], CultureInfo.InvariantCulture);
        long records = long.Parse(args[1], CultureInfo.InvariantCulture);
        var options = new EmbeddedBrokerOptions();
        foreach (string group in args.Skip(2))
        {
            options.Topics.Add(($"{group}-in", Partitions));
            options.Topics.Add(($"{group}-out", Partitions));
            options.Topics.Add(($"{group}-in-dead-letter", 1));
        }

        using EmbeddedBroker broker = EmbeddedBroker.Start(options);
        Console.WriteLine(broker.BootstrapServers);
        while (Console.ReadLine() is { } group)
            Fill(broker.BootstrapServers, group, dimension, records);
        return 0;
    }

    private static void Fill(string bootstrapServers, string group, int dimension, long records)
    {
        var random = new Random(dimension);
        byte[][] values = [.. Enumerable.Range(0, 64).Select(_ => MemoryMarshal.AsBytes(Enumerable.Range(0, dimension).Select(_ => (float)((2 * random.NextDouble()) - 1)).ToArray().AsSpan()).ToArray())];
        using var positions = new GroupPositions(bootstrapServers, group, $"{group}-in", Partitions);
        using var producer = new PacedProducer(
            new ProducerConfig { BootstrapServers = bootstrapServers, LingerMs = 5 }, $"{group}-in", Partitions,
            new PacedProducerOptions { Positions = positions.Read, WindowBytes = PacedProducerOptions.MaxWindowBytes, PositionInterval = TimeSpan.FromMilliseconds(10) });
        byte[] key = new byte[8];
        var message = new Message<byte[], byte[]> { Key = key };
        for (long i = 0; i < records; i++)
        {
            BitConverter.TryWriteBytes(key, i);
            message.Value = values[i % values.Length];
            producer.Produce((int)(i % Partitions), message);
        }

        producer.Flush();
    }
}
