using Confluent.Kafka;
using GpuCrypt.Ingest.Formats;
using GpuCrypt.Kernels.Batches;

namespace GpuCrypt.Ingest.Kafka;

/// <summary>
/// From a message's bytes to rows and a record in a batch: one copy. Whatever is wrong with a message makes a rejected record, never an
/// exception. Not thread-safe.
/// </summary>
internal sealed class RecordReader(RecordHeaderNames names, KafkaSourceOptions options)
{
    // Plaintexts beyond this may overflow when they are scaled (s < 2^24), so their messages are kept for the dead-letter topic.
    private const float LargestSafe = 1e30f;

    // What Kafka adds to key, value and headers in a message, generously.
    private const int MessageOverhead = 512;

    private byte[] _scratch = [];

    /// <summary>The room that a key takes in a batch: none when it is too large to be kept.</summary>
    public int KeySize(ReadOnlySpan<byte> key) => key.Length <= options.MaxMessageBytes ? key.Length : 0;

    /// <summary>Begins a record with its key. The batch has room for both.</summary>
    public void Begin(KafkaBatch batch, KafkaRoute route, Headers? headers, ReadOnlySpan<byte> key, bool keyIsNull, long consumedAt)
    {
        KafkaRecord record = batch.Append(route, headers);
        record.ConsumedAt = consumedAt;
        if (keyIsNull)
            return;
        if (key.Length > options.MaxMessageBytes)
        {
            record.LostKeySize = key.Length;
            return;
        }

        if (!batch.Arena.TryAdd(key, out ArenaRange range))
            throw new InvalidOperationException("the batch has no room for a record's key, which was to be kept free");
        record.HasKey = true;
        record.Key = range;
    }

    /// <summary>Begins a record again in an empty batch.</summary>
    public void MoveTo(KafkaRecord unfinished, KafkaBatch batch)
    {
        ReadOnlySpan<byte> key = unfinished.Batch.Arena.At(unfinished.Key);
        Begin(batch, unfinished.Route, unfinished.Headers, key, !unfinished.HasKey, unfinished.ConsumedAt);
    }

    /// <summary>Reads the value of the batch's last record.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="value">The value.</param>
    /// <param name="isNull">Whether the message has none.</param>
    /// <param name="record">The record, finished but for its place.</param>
    /// <returns>False when the batch has no room, though an empty one would.</returns>
    public bool TryRead(KafkaBatch batch, ReadOnlySpan<byte> value, bool isNull, out KafkaRecord record)
    {
        record = batch[batch.Count - 1];
        record.ValueSize = value.Length;
        if (isNull)
        {
            record.Kind = KafkaRecordKind.Tombstone;
            return true;
        }

        if (record.LostKeySize > 0 || value.Length > options.MaxMessageBytes)
            return TryRejectLarge(record, value);

        FillStatus status = Fill(record, value, out Rejection rejection);
        if (status == FillStatus.Ok)
            return KeepAside(record, value, ref status) || status == FillStatus.Ok;
        if (status == FillStatus.BatchFull)
            return false;
        record.Reject(rejection);
        return TryKeepPayload(record, value);
    }

    private static ReadOnlySpan<byte> HeaderOf(KafkaRecord record, string name) =>
        record.Headers is { Count: > 0 } headers && headers.TryGetLastBytes(name, out byte[] bytes) ? bytes : default;

    private static bool TryKeepPayload(KafkaRecord record, ReadOnlySpan<byte> value)
    {
        if (!record.Batch.Arena.TryAdd(value, out ArenaRange range))
            return false;
        record.Payload = range;
        record.HasPayload = true;
        return true;
    }

    /// <summary>Rejects a record that is larger than the limit; it keeps its value where an empty batch and the dead-letter topic have room for it.</summary>
    private bool TryRejectLarge(KafkaRecord record, ReadOnlySpan<byte> value)
    {
        ByteArena arena = record.Batch.Arena;
        bool keep = record.LostKeySize == 0
            && record.Key.Length + value.Length <= arena.Capacity
            && MessageOverhead + (long)record.Key.Length + value.Length <= options.MaxSinkMessageBytes;
        string what = record.LostKeySize > 0 ? "the message's key is larger than the configured limit (bytes); neither it nor the value is kept, read them again at the source offset"
            : keep ? "the message is larger than the configured limit (bytes)"
            : "the message is larger than the configured limit (bytes); its value is not kept, read it again at its source offset";
        record.Reject(new Rejection(RejectReason.TooLarge, what)
        {
            Expected = options.MaxMessageBytes,
            Found = Math.Max(record.LostKeySize, value.Length),
        });
        return !keep || TryKeepPayload(record, value);
    }

    private static bool AnyBeyondSafe(VectorBatch vectors, int firstRow, int rows)
    {
        for (int row = firstRow; row < firstRow + rows; row++)
        {
            if (FloatLimits.AnyMagnitudeAbove(vectors.Input(row), LargestSafe))
                return true;
        }

        return false;
    }

    /// <summary>Keeps what the output, or the dead-letter topic, needs of the message besides its vectors.</summary>
    private static bool KeepAside(KafkaRecord record, ReadOnlySpan<byte> value, ref FillStatus status)
    {
        KafkaBatch batch = record.Batch;
        int envelope = record.Fields.EnvelopeSize;
        bool payload = AnyBeyondSafe(batch.Vectors, record.FirstRow, record.Fields.Rows);
        if (batch.Arena.HasRoom(envelope + (payload ? value.Length : 0)))
        {
            batch.Arena.TryTake(envelope, out ArenaRange range);
            record.Format!.CopyEnvelope(value, record.Fields, batch.Arena.At(range));
            record.Envelope = range;
            if (payload)
                TryKeepPayload(record, value);
            return true;
        }

        batch.Vectors.Truncate(record.FirstRow);
        status = FillStatus.BatchFull;
        return false;
    }

    private FillStatus Fill(KafkaRecord record, ReadOnlySpan<byte> value, out Rejection rejection)
    {
        KafkaRoute route = record.Route;
        KafkaBatch batch = record.Batch;
        IRecordFormat? format = route.DefaultFormat;
        ReadOnlySpan<byte> contentType = HeaderOf(record, names.ContentType);
        if (!contentType.IsEmpty && (format = route.Formats.ByContentType(contentType)) is null)
        {
            rejection = new Rejection(RejectReason.UnknownFormat, $"the content-type header names none of the formats {string.Join(", ", route.Formats.Names)}");
            return FillStatus.Rejected;
        }

        record.Format = format;
        ReadOnlySpan<byte> metadata = HeaderOf(record, names.Metadata);
        if (!format.Scan(value, metadata, BatchOperation.Encrypt, out RecordFields fields, out rejection))
            return FillStatus.Rejected;
        record.Fields = fields;
        if (!FitsSink(record, format, out rejection) || !TryAddKey(record, value, out int keyIndex, out rejection))
            return FillStatus.Rejected;

        ReadOnlySpan<byte> id = HeaderOf(record, names.Id);
        if (id.IsEmpty && fields.Id.IsPresent)
            id = Read(fields.Id, value, 0);
        if (id.IsEmpty && record.HasKey)
            id = batch.Arena.At(record.Key);
        record.NeedsPositionId = id.IsEmpty;
        record.FirstRow = batch.Vectors.Rows;
        return format.Fill(value, metadata, fields, batch.Vectors, keyIndex, id, out rejection);
    }

    private bool FitsSink(KafkaRecord record, IRecordFormat format, out Rejection rejection)
    {
        long size = MessageOverhead + record.Key.Length + (long)format.MaxEncodedSize(record.Fields) + (format.MetadataInside ? 0 : MetadataHeader.Size(record.Fields.Rows));
        rejection = size <= options.MaxSinkMessageBytes
            ? default
            : new Rejection(RejectReason.TooLarge, "the encrypted record would be larger than the sink's messages may be (bytes)") { Expected = options.MaxSinkMessageBytes, Found = size };
        return size <= options.MaxSinkMessageBytes;
    }

    private bool TryAddKey(KafkaRecord record, ReadOnlySpan<byte> value, out int keyIndex, out Rejection rejection)
    {
        keyIndex = 0;
        ReadOnlySpan<byte> tenant = HeaderOf(record, names.Tenant);
        ReadOnlySpan<byte> path = HeaderOf(record, names.DerivationPath);
        RecordFields fields = record.Fields;
        // Two texts may lie in the scratch at once.
        EnsureScratch(fields.Tenant.ScratchSize + fields.DerivationPath.ScratchSize);
        if (tenant.IsEmpty && fields.Tenant.IsPresent)
            tenant = Read(fields.Tenant, value, 0);
        if (path.IsEmpty && fields.DerivationPath.IsPresent)
            path = Read(fields.DerivationPath, value, fields.Tenant.ScratchSize);
        if (tenant.IsEmpty)
            tenant = record.Route.DefaultTenant;
        if (path.IsEmpty)
            path = record.Route.DefaultDerivationPath;
        if (tenant.IsEmpty)
        {
            rejection = new Rejection(RejectReason.UnknownTenant, $"the record names no tenant (header {names.Tenant}) and topic {record.Route.Source} has no default");
            return false;
        }

        if (path.IsEmpty)
        {
            rejection = new Rejection(RejectReason.UnknownTenant, $"the record names no derivation path (header {names.DerivationPath}) and topic {record.Route.Source} has no default");
            return false;
        }

        return record.Route.Keys.TryAdd(record.Batch.Vectors.Keys, tenant, path, fields.Rows, out keyIndex, out rejection);
    }

    private ReadOnlySpan<byte> Read(TextField field, ReadOnlySpan<byte> value, int scratchOffset)
    {
        EnsureScratch(scratchOffset + field.ScratchSize);
        return field.Read(value, _scratch.AsSpan(scratchOffset));
    }

    private void EnsureScratch(int size)
    {
        if (_scratch.Length < size)
            Array.Resize(ref _scratch, Math.Max(size, 2 * _scratch.Length));
    }
}
