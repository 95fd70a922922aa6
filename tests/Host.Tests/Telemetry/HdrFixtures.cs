using GpuCrypt.Host.Telemetry;

namespace GpuCrypt.Host.Tests.Telemetry;

/// <summary>Histograms, and what org.HdrHistogram 2.1.11 (Java) wrote for the same recordings.</summary>
internal static class HdrFixtures
{
    /// <summary>V2 encoding of an empty histogram, 1 to 3.6e12 with 3 digits.</summary>
    public const string EmptyEncoded = "HISTEwAAAAEAAAAAAAAAAwAAAAAAAAABAAADRjC4oAA/8AAAAAAAAAA=";

    /// <summary>V2 encoding of <see cref="Wide"/>.</summary>
    public const string WideEncoded = "HISTEwAAABwAAAAAAAAAAwAAAAAAAAABAAADRjC4oAA/8AAAAAAAAAIC+R8GkgO/jgEC8W7gxQiXVYCAgICAQMWXAQI=";

    /// <summary>V2 encoding of <see cref="UnitOfAThousand"/>.</summary>
    public const string UnitOfAThousandEncoded = "HISTEwAAAB0AAAAAAAAAAgAAAAAAAAPoAAAAAAOThwA/8AAAAAAAAJYCAC4FmAEXUklC4wESpwNE/wIYmwNWjwNOkQM2";

    /// <summary>V2 encoding of <see cref="Big"/>: a count that takes all nine bytes.</summary>
    public const string BigEncoded = "HISTEwAAAA8AAAAAAAAABQAAAAAAAAABf/////////8/8AAAAAAAAA0C7f/vBf7/////////Pw==";

    /// <summary>An interval log: a run of two intervals, tag sink (1 to 1000 ms, one each) and no tag (42 ns, nine times, 2 digits).</summary>
    public static readonly string[] Log =
    [
        "#[Logged by a test]",
        "#[Histogram log format version 1.3]",
        "#[StartTime: 1700000000.250 (seconds since epoch), Tue Nov 14 22:13:20 UTC 2023]",
        "#[BaseTime: 1700000000.250 (seconds since epoch)]",
        "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"",
        "Tag=sink,1.000,1.000,1000.342,HISTFAAAAJh42pNpmSzMwMC+nQECmKE0I5DpZrBjAYP9B4jAwXWMTH/5mVZzMJ1nZzrMwvSUGYSeMzOdZ2L6yIiCPoPJq4xM5VhhJZwVzWTNZEkCxiYqzyTNJAvE0gRp4lSRp4ufiRcIudFISvlDUxcnEzMTKxwyY2FhF6WNrsHklpGuiwEIwQQ6pEiQ+ibSyZoh6/BRa4ZMogIAOdg+dA==",
        "2.000,0.500,0.000,HISTFAAAACN42pNpmSzMwMDAxAABMJqRgYHZzWDHAgb7DxCBYCEAV7IEsQ==",
    ];

    public static HdrHistogram Wide()
    {
        var histogram = new HdrHistogram(new HdrLayout(1, 3_600_000_000_000, 3));
        histogram.Record(0);
        histogram.Record(1);
        histogram.Record(2047, 3);
        histogram.Record(2048);
        histogram.Record(2049, 200);
        histogram.Record(1_000_000);
        histogram.Record(123_456_789, 70_000);
        histogram.Record(3_600_000_000_000);
        histogram.Record(5_000_000_000, 1L << 40);
        return histogram;
    }

    public static HdrHistogram UnitOfAThousand()
    {
        var histogram = new HdrHistogram(new HdrLayout(1000, 60_000_000, 2));
        for (long value = 1; value < 50_000_000; value = value * 3 + 7)
            histogram.Record(value, value % 97);

        return histogram;
    }

    public static HdrHistogram Big()
    {
        var histogram = new HdrHistogram(new HdrLayout(1, long.MaxValue, 5));
        histogram.Record(7);
        histogram.Record(long.MaxValue, long.MaxValue / 4);
        return histogram;
    }
}
