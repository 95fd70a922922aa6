using GpuCrypt.Host.Telemetry;
using GpuCrypt.Kernels.Devices;

namespace GpuCrypt.Host.Demo;

/// <summary>Everything that the demo found out.</summary>
internal sealed record DemoResult
{
    public required DeviceDescription Device { get; init; }

    public required int Records { get; init; }

    public required int Dimension { get; init; }

    public required float ApproximationFactor { get; init; }

    /// <summary>From the first encrypted record that the checker saw to the last.</summary>
    public required TimeSpan StreamTime { get; init; }

    /// <summary>Start of the service to its first assigned partition: the consumer group forms.</summary>
    public required TimeSpan TimeToJoin { get; init; }

    /// <summary>From there to the first encrypted record at the checker.</summary>
    public required TimeSpan TimeToFirst { get; init; }

    public required IReadOnlyList<DemoCheck> Checks { get; init; }

    public required IReadOnlyList<StageSummary> Latencies { get; init; }

    public required DemoRecall Recall { get; init; }

    public required IReadOnlyList<DemoNeighbours> Neighbours { get; init; }

    public required string LatencyLog { get; init; }

    public double RecordsPerSecond => Records / Math.Max(StreamTime.TotalSeconds, 1e-9);

    public bool Passed => Checks.All(c => c.Held);
}

/// <summary>One thing that had to hold.</summary>
/// <param name="Name">A stable name, for machines.</param>
/// <param name="What">What had to hold, for people.</param>
/// <param name="Held">Whether it did.</param>
/// <param name="Found">What was found.</param>
internal sealed record DemoCheck(string Name, string What, bool Held, string Found);

/// <summary>The share of the ten nearest neighbours that a search on ciphertext finds again.</summary>
/// <param name="Queries">How many words were looked up.</param>
/// <param name="RightKey">With queries encrypted under the right key.</param>
/// <param name="WrongKey">With queries encrypted under another key.</param>
/// <param name="Chance">What guessing would find.</param>
internal sealed record DemoRecall(int Queries, double RightKey, double WrongKey, double Chance);

/// <summary>A word and its nearest neighbours.</summary>
/// <param name="Word">The word.</param>
/// <param name="Plain">Found on plaintext.</param>
/// <param name="Encrypted">Found on ciphertext with a query under the right key.</param>
/// <param name="WrongKey">Found on ciphertext with a query under another key.</param>
internal sealed record DemoNeighbours(string Word, IReadOnlyList<string> Plain, IReadOnlyList<string> Encrypted, IReadOnlyList<string> WrongKey);
