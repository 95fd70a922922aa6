using System.Buffers.Binary;
using GpuCrypt.Kernels.Batches;
using GpuCrypt.Kernels.Keys;
using GpuCrypt.Kernels.Scheme;

namespace GpuCrypt.Kernels.Devices.Cpu;

/// <summary>Runs rows of a batch on the calling thread with that thread's scratch. One a worker; not thread-safe.</summary>
internal abstract unsafe class CpuRows : IDisposable
{
    /// <summary>What a tag covers before the ciphertext: s, β and the IV.</summary>
    internal const int TagHeaderSize = 20;

    private readonly IvPool _ivs = new();

    /// <summary>The worker's scratch.</summary>
    protected CpuScratch Scratch { get; } = new();

    /// <summary>Makes the runner of a path.</summary>
    public static CpuRows Create(CpuPath path) => CpuPaths.Resolve(path) switch
    {
        CpuPath.Vector512 => new GroupRows(),
        CpuPath.Vector256 => new VectorRows<Vector256Kernel>(),
        CpuPath.Portable => new VectorRows<PortableKernel>(),
        _ => new ScalarRows(),
    };

    /// <summary>Runs rows [first, first + count). Every one has a status afterwards; the outputs of those that failed are zero.</summary>
    public void Run(VectorBatch batch, BatchOperation operation, int first, int count)
    {
        if (operation != BatchOperation.Decrypt && batch.IvSource == IvSource.Random)
            _ivs.Fill(new Span<byte>(batch.OutputIvs + ((nint)first * VectorBatch.IvSize), count * VectorBatch.IvSize));
        RunRows(batch, operation, first, count);
        for (int row = first; row < first + count; row++)
        {
            RowStatus status = batch.Status(row);
            if (status != RowStatus.Ok || operation == BatchOperation.EncryptOneWay)
                Forget(batch, row, status);
        }

        if (operation != BatchOperation.Decrypt)
            CountEncryptions(batch, operation, first, count);
    }

    /// <inheritdoc/>
    public virtual void Dispose()
    {
        _ivs.Dispose();
        Scratch.Dispose();
    }

    /// <summary>Runs rows and sets their statuses; what failed rows leave in the outputs does not matter.</summary>
    protected virtual void RunRows(VectorBatch batch, BatchOperation operation, int first, int count)
    {
        for (int row = first; row < first + count; row++)
            batch.Statuses[row] = (byte)RunRow(batch, operation, row);
    }

    /// <summary>Encrypts <paramref name="plain"/> under an IV.</summary>
    /// <param name="key">The key.</param>
    /// <param name="iv">The IV, 12 bytes.</param>
    /// <param name="dimension">d.</param>
    /// <param name="plain">The plaintext.</param>
    /// <param name="cipher">Receives the ciphertext; undefined on failure.</param>
    /// <param name="tag">Receives the tag; null when none is wanted.</param>
    protected abstract RowStatus Encrypt(VectorKey key, ReadOnlySpan<byte> iv, int dimension, float* plain, float* cipher, byte* tag);

    /// <summary>Checks a tag and decrypts.</summary>
    /// <param name="key">The key.</param>
    /// <param name="iv">The IV, 12 bytes.</param>
    /// <param name="tag">The tag, 32 bytes.</param>
    /// <param name="dimension">d.</param>
    /// <param name="cipher">The ciphertext.</param>
    /// <param name="plain">Receives the plaintext; untouched on failure.</param>
    protected abstract RowStatus Decrypt(VectorKey key, ReadOnlySpan<byte> iv, ReadOnlySpan<byte> tag, int dimension, float* cipher, float* plain);

    /// <summary>A 12-byte IV as words.</summary>
    protected static Iv ReadIv(ReadOnlySpan<byte> iv) => new()
    {
        W0 = BinaryPrimitives.ReadUInt32BigEndian(iv),
        W1 = BinaryPrimitives.ReadUInt32BigEndian(iv[4..]),
        W2 = BinaryPrimitives.ReadUInt32BigEndian(iv[8..]),
    };

    private static void Forget(VectorBatch batch, int row, RowStatus status)
    {
        batch.OutputTag(row).Clear();
        batch.OutputIv(row).Clear();
        if (status != RowStatus.Ok)
            batch.Output(row).Clear();
    }

    private static void CountEncryptions(VectorBatch batch, BatchOperation operation, int first, int count)
    {
        int* keys = operation == BatchOperation.Rotate ? batch.TargetKeyIndexes : batch.KeyIndexes;
        int start = first;
        for (int row = first + 1; row <= first + count; row++)
        {
            if (row < first + count && keys[row] == keys[start])
                continue;
            batch.Keys[keys[start]].CountEncryptions(row - start);
            start = row;
        }
    }

    /// <summary>Runs one row by itself.</summary>
    protected RowStatus RunRow(VectorBatch batch, BatchOperation operation, int row)
    {
        int dimension = batch.Dimensions[row];
        Scratch.Reserve(dimension);
        VectorKey key = batch.Keys[batch.KeyIndexes[row]];
        float* input = batch.Inputs + batch.Offsets[row];
        float* output = batch.Outputs + batch.Offsets[row];
        byte* outputTag = batch.OutputTags + ((nint)row * VectorBatch.TagSize);
        switch (operation)
        {
            case BatchOperation.Encrypt:
                MakeSyntheticIv(batch, row, key, input, dimension);
                return Encrypt(key, batch.OutputIv(row), dimension, input, output, outputTag);
            case BatchOperation.EncryptOneWay:
                MakeSyntheticIv(batch, row, key, input, dimension);
                return Encrypt(key, batch.OutputIv(row), dimension, input, output, null);
            case BatchOperation.Decrypt:
                return Decrypt(key, batch.InputIv(row), batch.InputTag(row), dimension, input, output);
            default:
                return Rotate(batch, row, key, batch.Keys[batch.TargetKeyIndexes[row]], dimension, input, output, outputTag);
        }
    }

    /// <summary>Decrypts a row under one key and encrypts it under another.</summary>
    protected virtual RowStatus Rotate(
        VectorBatch batch, int row, VectorKey source, VectorKey target, int dimension, float* input, float* output, byte* outputTag)
    {
        RowStatus status = Decrypt(source, batch.InputIv(row), batch.InputTag(row), dimension, input, Scratch.Plain);
        if (status != RowStatus.Ok)
            return status;
        MakeSyntheticIv(batch, row, target, Scratch.Plain, dimension);
        return Encrypt(target, batch.OutputIv(row), dimension, Scratch.Plain, output, outputTag);
    }

    /// <summary>Writes a row's output IV where the batch asks for synthetic ones.</summary>
    protected void MakeSyntheticIv(VectorBatch batch, int row, VectorKey key, float* plain, int dimension)
    {
        if (batch.IvSource != IvSource.Synthetic)
            return;
        ReadOnlySpan<byte> id = batch.RecordId(row);
        Scratch.ReserveIvMessage(SyntheticIv.ScratchSize(id.Length, dimension) + RowHmac.PaddingRoom);
        ComputeSyntheticIv(key, id, batch.Ordinals[row], plain, dimension, batch.OutputIv(row));
    }

    /// <summary>Computes a synthetic IV; the scratch has room for its message and the message's padding.</summary>
    protected virtual void ComputeSyntheticIv(VectorKey key, ReadOnlySpan<byte> recordId, int ordinal, float* plain, int dimension, Span<byte> iv) =>
        SyntheticIv.Compute(key, recordId, ordinal, new ReadOnlySpan<float>(plain, dimension), Scratch.IvMessage, iv);
}
