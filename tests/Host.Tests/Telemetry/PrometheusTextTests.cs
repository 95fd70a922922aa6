using GpuCrypt.Host.Telemetry;

namespace GpuCrypt.Host.Tests.Telemetry;

public sealed class PrometheusTextTests
{
    [Fact]
    public void A_page_has_help_type_and_samples_of_each_family()
    {
        string page = new PrometheusText()
            .Counter("gpucrypt_records_total", "Records by outcome.")
            .Sample(12345, ("outcome", "encrypted"))
            .Sample(2, ("outcome", "rejected"), ("topic", "embeddings"))
            .Gauge("gpucrypt_free_batches", "Batches free.")
            .Sample(0.5)
            .ToString();

        Assert.Equal(
            """
            # HELP gpucrypt_records_total Records by outcome.
            # TYPE gpucrypt_records_total counter
            gpucrypt_records_total{outcome="encrypted"} 12345
            gpucrypt_records_total{outcome="rejected",topic="embeddings"} 2
            # HELP gpucrypt_free_batches Batches free.
            # TYPE gpucrypt_free_batches gauge
            gpucrypt_free_batches 0.5

            """, page);
    }

    [Fact]
    public void A_histogram_is_a_summary_in_seconds()
    {
        var histogram = new HdrHistogram(new HdrLayout(1, 3_600_000_000_000, 3));
        for (int i = 1; i <= 1000; i++)
            histogram.Record(i);

        string page = new PrometheusText()
            .Summary("gpucrypt_stage_seconds", "Latency by stage.")
            .Sample(histogram, ("stage", "sink"))
            .ToString();

        Assert.Equal(
            """
            # HELP gpucrypt_stage_seconds Latency by stage.
            # TYPE gpucrypt_stage_seconds summary
            gpucrypt_stage_seconds{stage="sink",quantile="0.5"} 5E-07
            gpucrypt_stage_seconds{stage="sink",quantile="0.9"} 9E-07
            gpucrypt_stage_seconds{stage="sink",quantile="0.99"} 9.9E-07
            gpucrypt_stage_seconds{stage="sink",quantile="0.999"} 9.99E-07
            gpucrypt_stage_seconds{stage="sink",quantile="1"} 1E-06
            gpucrypt_stage_seconds_sum{stage="sink"} 0.0005005
            gpucrypt_stage_seconds_count{stage="sink"} 1000

            """, page);
    }

    [Fact]
    public void An_empty_histogram_has_no_quantiles_but_a_sum_and_count_of_zero()
    {
        string page = new PrometheusText().Summary("s", "S.").Sample(new HdrHistogram(new HdrLayout(1, 1000, 2))).ToString();

        Assert.Contains("s{quantile=\"0.99\"} NaN\n", page);
        Assert.EndsWith("s_sum 0\ns_count 0\n", page);
    }

    [Fact]
    public void Label_values_and_help_are_escaped()
    {
        string page = new PrometheusText().Gauge("g", "back\\slash\nline \"quote\"").Sample(1, ("path", "a\\b\"c\nd")).ToString();

        Assert.Contains("# HELP g back\\\\slash\\nline \"quote\"\n", page);
        Assert.Contains("g{path=\"a\\\\b\\\"c\\nd\"} 1\n", page);
    }

    [Theory]
    [InlineData(double.NaN, "NaN")]
    [InlineData(double.PositiveInfinity, "+Inf")]
    [InlineData(double.NegativeInfinity, "-Inf")]
    [InlineData(1234567.25, "1234567.25")]
    public void Values_have_the_spelling_of_the_format(double value, string expected) =>
        Assert.EndsWith($"g {expected}\n", new PrometheusText().Gauge("g", "G.").Sample(value).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("1st")]
    [InlineData("with space")]
    [InlineData("größe")]
    public void A_name_that_Prometheus_does_not_accept_is_refused(string name)
    {
        Assert.Throws<ArgumentException>(() => new PrometheusText().Counter(name, "C."));
        Assert.Throws<ArgumentException>(() => new PrometheusText().Counter("c", "C.").Sample(1, (name, "x")));
    }

    [Fact]
    public void Samples_out_of_place_are_refused()
    {
        var histogram = new HdrHistogram(new HdrLayout(1, 1000, 2));

        Assert.Throws<InvalidOperationException>(() => new PrometheusText().Sample(1));
        Assert.Throws<InvalidOperationException>(() => new PrometheusText().Summary("s", "S.").Sample(1));
        Assert.Throws<InvalidOperationException>(() => new PrometheusText().Gauge("g", "G.").Sample(histogram));
        Assert.Throws<InvalidOperationException>(() => new PrometheusText().Gauge("g", "G.").Gauge("g", "G."));
        Assert.Throws<ArgumentException>(() => new PrometheusText().Summary("s", "S.").Sample(histogram, ("quantile", "0.5")));
    }
}
