using GpuCrypt.Host.Pipeline;
using GpuCrypt.Host.Tests.Service;
using GpuCrypt.Host.Tests.Telemetry;
using GpuCrypt.Ingest.Formats;
using GpuCrypt.Ingest.Kafka;
using GpuCrypt.Kernels.Keys;

namespace GpuCrypt.Host.Tests.Pipeline;

public sealed class RejectionLogTests : IRecordKeys
{
    private const int RejectedEvent = 20;

    public bool TryAdd(KeyTable table, ReadOnlySpan<byte> tenant, ReadOnlySpan<byte> derivationPath, int vectors, out int index, out Rejection rejection) =>
        throw new NotSupportedException();

    [Fact]
    public void Each_second_names_some_records_and_counts_the_rest()
    {
        var raw = new RawFormat();
        var route = new KafkaRoute("in", "out", "dead", new RecordFormatSet(raw), raw, this);
        using var batch = new KafkaBatch(1, 16, 64);
        KafkaRecord record = batch.Append(route, null);
        record.Offset = 4711;
        record.Reject(new Rejection(RejectReason.NotFinite, "an element is NaN or infinite"));
        var clock = new ManualTime(DateTimeOffset.UnixEpoch);
        var lines = new CapturedLog();
        var log = new RejectionLog(lines, clock);

        for (int i = 0; i < RejectionLog.NamedPerSecond + 30; i++)
            log.Add(record);
        Assert.Equal(RejectionLog.NamedPerSecond, lines.Lines.Count);
        Assert.All(lines.Lines, l => Assert.Equal(RejectedEvent, l.Event));
        Assert.Contains("in[0]@4711 rejected: not-finite", lines.ToString(), StringComparison.Ordinal);

        clock.Advance(TimeSpan.FromSeconds(1));
        log.Add(record);
        Assert.StartsWith("30 more records were rejected", lines.Lines[^2].Line, StringComparison.Ordinal);
        Assert.Equal(RejectedEvent, lines.Lines[^1].Event);

        log.Flush();
        Assert.Equal(RejectionLog.NamedPerSecond + 2, lines.Lines.Count);
    }
}
