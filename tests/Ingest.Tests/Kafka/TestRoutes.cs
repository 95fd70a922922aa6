using System.Text;
using Confluent.Kafka;
using GpuCrypt.Ingest.Formats;
using GpuCrypt.Ingest.Kafka;
using GpuCrypt.Kernels.Keys;

namespace GpuCrypt.Ingest.Tests.Kafka;

/// <summary>A route from "in" to "out" whose records are all under one key.</summary>
internal sealed class TestRoutes : IRecordKeys, IDisposable
{
    private readonly VectorKey _key = VectorKey.Derive(1, new byte[32], "t", "p", 1f, scaling: false);

    public static RecordHeaderNames Names { get; } = new();

    public KafkaRoute Route(string source = "in", string sink = "out", string deadLetter = "dead")
    {
        var formats = new RecordFormatSet(new RawFormat(), new NpyFormat(), new JsonFormat());
        return new KafkaRoute(source, sink, deadLetter, formats, formats.ByName("raw")!, this) { DefaultTenant = "t"u8.ToArray(), DefaultDerivationPath = "p"u8.ToArray() };
    }

    public static Headers Headers(params (string Name, string Value)[] headers)
    {
        Headers result = [];
        foreach ((string name, string value) in headers)
            result.Add(name, Encoding.UTF8.GetBytes(value));
        return result;
    }

    public bool TryAdd(KeyTable table, ReadOnlySpan<byte> tenant, ReadOnlySpan<byte> derivationPath, int vectors, out int index, out Rejection rejection)
    {
        index = table.Add(_key);
        rejection = default;
        return true;
    }

    public void Dispose() => _key.Dispose();
}
