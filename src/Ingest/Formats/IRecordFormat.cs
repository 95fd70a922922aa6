using GpuCrypt.Kernels.Batches;

namespace GpuCrypt.Ingest.Formats;

/// <summary>
/// How vectors lie in a message. A record goes in by two steps, so that its key can be found in between: <see cref="Scan"/> says what
/// is where, the caller adds the key to the batch, <see cref="Fill"/> copies the elements into rows, once. When a device is done,
/// <see cref="Encode"/> writes the message of the same shape. Instances have no state beside their options: thread-safe.
/// </summary>
/// <remarks>
/// The message is needed until Fill and CopyEnvelope have run, no longer: what the output needs of it (json: all text but the vector)
/// is copied into memory of the caller's, <see cref="RecordFields.EnvelopeSize"/> bytes. An empty message is a vector of dimension 0 where the format
/// can say so; a null one (a tombstone) is the caller's to pass on.
/// </remarks>
public interface IRecordFormat
{
    /// <summary>The name in configuration: <c>raw</c>, <c>npy</c> or <c>json</c>.</summary>
    string Name { get; }

    /// <summary>The value of the content-type header.</summary>
    string ContentType { get; }

    /// <summary>True when metadata is inside the message; otherwise it goes beside it (<see cref="MetadataHeader"/>).</summary>
    bool MetadataInside { get; }

    /// <summary>Finds the parts of a message and checks its form.</summary>
    /// <param name="message">The message.</param>
    /// <param name="metadata">
    /// The metadata that came beside the message, also where none is expected: a record to be encrypted that has some is a ciphertext.
    /// </param>
    /// <param name="operation">What is to be done to the record.</param>
    /// <param name="fields">What was found.</param>
    /// <param name="rejection">What is wrong, when something is.</param>
    /// <returns>False when the record is rejected.</returns>
    bool Scan(ReadOnlySpan<byte> message, ReadOnlySpan<byte> metadata, BatchOperation operation, out RecordFields fields, out Rejection rejection);

    /// <summary>
    /// Appends the record's vectors to a batch, one row each, in order: row <c>i</c> of the record is row <c>r + i</c> of the batch, where <c>r</c> is the
    /// batch's number of rows before. Unless it returns <see cref="FillStatus.Ok"/> the batch has the rows that it had.
    /// </summary>
    /// <param name="message">The message as scanned.</param>
    /// <param name="metadata">The metadata beside the message as scanned.</param>
    /// <param name="fields">What <see cref="Scan"/> found.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="keyIndex">The record's key in the batch's table.</param>
    /// <param name="recordId">What names the record, for synthetic IVs; empty when there is no need.</param>
    /// <param name="rejection">What is wrong, when the record is rejected.</param>
    FillStatus Fill(
        ReadOnlySpan<byte> message, ReadOnlySpan<byte> metadata, in RecordFields fields, VectorBatch batch, int keyIndex, ReadOnlySpan<byte> recordId, out Rejection rejection);

    /// <summary>Copies the part of the message that the output needs again.</summary>
    /// <param name="message">The message as scanned.</param>
    /// <param name="fields">What <see cref="Scan"/> found.</param>
    /// <param name="destination">Receives <see cref="RecordFields.EnvelopeSize"/> bytes.</param>
    void CopyEnvelope(ReadOnlySpan<byte> message, in RecordFields fields, Span<byte> destination);

    /// <summary>The most bytes that <see cref="Encode"/> writes; for raw and npy it writes exactly so many.</summary>
    int MaxEncodedSize(in RecordFields fields);

    /// <summary>Writes the message of a record that is done. All its rows have succeeded (<see cref="Rejection.TryFind"/>).</summary>
    /// <param name="fields">What <see cref="Scan"/> found.</param>
    /// <param name="envelope">What <see cref="CopyEnvelope"/> copied.</param>
    /// <param name="batch">The batch with the outputs.</param>
    /// <param name="firstRow">The record's first row.</param>
    /// <param name="destination">At least <see cref="MaxEncodedSize"/> bytes.</param>
    /// <returns>The number of bytes written.</returns>
    int Encode(in RecordFields fields, ReadOnlySpan<byte> envelope, VectorBatch batch, int firstRow, Span<byte> destination);
}
