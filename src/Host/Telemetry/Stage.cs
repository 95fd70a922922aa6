namespace GpuCrypt.Host.Telemetry;

/// <summary>What a record goes through in the service; each is timed by itself.</summary>
public enum Stage
{
    /// <summary>From the record's timestamp, set by its producer or the broker, to its consumption: the clocks of two machines.</summary>
    IngestWait,

    /// <summary>From consumption until the record's batch leaves for the device: copying in, and waiting for the batch to fill.</summary>
    Fill,

    /// <summary>From the batch's way to the device until its results are in host memory.</summary>
    Device,

    /// <summary>From results in host memory until the sink has acknowledged.</summary>
    Sink,

    /// <summary>From consumption until the sink has acknowledged.</summary>
    EndToEnd,
}

/// <summary>The stages' names in logs, metrics and tables.</summary>
public static class StageNames
{
    private static readonly string[] _names = ["ingest-wait", "fill", "device", "sink", "end-to-end"];

    /// <summary>All stages, in a record's order.</summary>
    public static ReadOnlySpan<Stage> All => [Stage.IngestWait, Stage.Fill, Stage.Device, Stage.Sink, Stage.EndToEnd];

    /// <summary>The stage's name, which is also its tag in the interval log.</summary>
    /// <param name="stage">The stage.</param>
    public static string Name(this Stage stage) => _names[(int)stage];
}
