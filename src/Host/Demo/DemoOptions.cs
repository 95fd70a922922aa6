namespace GpuCrypt.Host.Demo;

/// <summary>What the demo can be told.</summary>
internal sealed record DemoOptions
{
    /// <summary>How many records are streamed; the samples go round as often as it takes.</summary>
    public int Records { get; init; } = 100_000;

    /// <summary>The approximation factor β of the demo's key.</summary>
    public float ApproximationFactor { get; init; } = 0.4f;

    public string Device { get; init; } = "auto";

    /// <summary>Worker threads of a CPU device; 0 for one a core.</summary>
    public int Threads { get; init; }

    /// <summary>Where the latency log goes; a new folder for temporary files when null.</summary>
    public string? OutputFolder { get; init; }
}
