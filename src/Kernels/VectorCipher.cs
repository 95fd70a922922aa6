using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using GpuCrypt.Kernels.Batches;
using GpuCrypt.Kernels.Devices.Cpu;
using GpuCrypt.Kernels.Keys;
using GpuCrypt.Kernels.Scheme;

namespace GpuCrypt.Kernels;

/// <summary>
/// Encrypts and decrypts vectors one at a time under one key, on the caller's thread with the processor's widest vector units. Thread-safe.
/// For many vectors at once fill a <see cref="VectorBatch"/> and run it on a device.
/// </summary>
public sealed class VectorCipher : IDisposable
{
    private readonly VectorKey _key;
    private readonly ConcurrentBag<Workplace> _workplaces = [];
    private volatile bool _disposed;

    /// <summary>Uses a key, which stays the caller's to dispose.</summary>
    public VectorCipher(VectorKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        key.Acquire();
        _key = key;
    }

    /// <summary>Encrypts a vector under a fresh random IV.</summary>
    /// <param name="plain">The embedding, d elements, all finite.</param>
    /// <returns>The ciphertext, to be stored in the vector index, and the metadata to be stored beside it.</returns>
    /// <exception cref="CryptographicVectorException">An element is not finite, or the ciphertext would not be.</exception>
    public EncryptedVector Encrypt(ReadOnlySpan<float> plain) => Encrypt(plain, IvSource.Random, default);

    /// <summary>
    /// Encrypts a vector under an IV made from the record's id and the vector itself: encrypting the same record again gives the same
    /// ciphertext, so that repeats give an observer nothing to average.
    /// </summary>
    /// <param name="plain">The embedding, d elements, all finite.</param>
    /// <param name="recordId">What names the record.</param>
    /// <returns>The ciphertext and its metadata.</returns>
    /// <exception cref="CryptographicVectorException">An element is not finite, or the ciphertext would not be.</exception>
    public EncryptedVector Encrypt(ReadOnlySpan<float> plain, ReadOnlySpan<byte> recordId) => Encrypt(plain, IvSource.Synthetic, recordId);

    /// <summary>Encrypts a query, to be compared with stored ciphertexts by the vector database. Nothing is kept to decrypt it with.</summary>
    /// <param name="plain">The query's embedding, d elements, all finite.</param>
    /// <returns>The encrypted query, d elements.</returns>
    /// <exception cref="CryptographicVectorException">An element is not finite, or the ciphertext would not be.</exception>
    public float[] EncryptQuery(ReadOnlySpan<float> plain) => EncryptOneWay(plain);

    /// <summary>Encrypts so that nobody can decrypt, the key's holder included: the IV is forgotten. For exporting training data.</summary>
    /// <param name="plain">The embedding, d elements, all finite.</param>
    /// <returns>The ciphertext, d elements.</returns>
    /// <exception cref="CryptographicVectorException">An element is not finite, or the ciphertext would not be.</exception>
    public float[] EncryptOneWay(ReadOnlySpan<float> plain)
    {
        Workplace workplace = Take(plain);
        try
        {
            VectorBatch batch = workplace.Batch;
            batch.IvSource = IvSource.Random;
            workplace.Run(BatchOperation.EncryptOneWay);
            ThrowUnlessOk(batch.Status(0), plain.Length);
            return batch.Output(0).ToArray();
        }
        finally
        {
            Return(workplace);
        }
    }

    /// <summary>Decrypts a vector after checking that it, its IV and its tag belong together and to this key.</summary>
    /// <param name="cipher">The ciphertext, d elements.</param>
    /// <param name="metadata">The metadata that came with it.</param>
    /// <returns>The embedding, d elements, equal to the original but for rounding in the last bits.</returns>
    /// <exception cref="CryptographicVectorException">The metadata is broken or of another secret, or the tag does not hold.</exception>
    public float[] Decrypt(ReadOnlySpan<float> cipher, ReadOnlySpan<byte> metadata)
    {
        Workplace workplace = Take(cipher);
        try
        {
            VectorBatch batch = workplace.Batch;
            if (!VectorMetadata.TryRead(metadata, out uint secretId, batch.InputIv(0), batch.InputTag(0), out string? error))
                throw new CryptographicVectorException($"the metadata {error}");
            if (secretId != _key.SecretId)
                throw new CryptographicVectorException($"the vector was encrypted under secret {secretId}, this key is of secret {_key.SecretId}");
            workplace.Run(BatchOperation.Decrypt);
            ThrowUnlessOk(batch.Status(0), cipher.Length);
            return batch.Output(0).ToArray();
        }
        finally
        {
            Return(workplace);
        }
    }

    /// <summary>Wipes what was kept of vectors and lets the key go.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, true))
            return;
        WipeWorkplaces();
        _key.Release();
    }

    private static void ThrowUnlessOk(RowStatus status, int dimension)
    {
        switch (status)
        {
            case RowStatus.Ok:
                return;
            case RowStatus.Overflow:
                throw new CryptographicVectorException($"the vector (d = {dimension}) has an element that is not finite, or too large to encrypt in float32");
            case RowStatus.BadTag:
                throw new CryptographicVectorException($"the tag does not hold: ciphertext (d = {dimension}), metadata and key do not belong together");
            default:
                throw new CryptographicVectorException($"the vector (d = {dimension}) was not processed: {status}");
        }
    }

    private EncryptedVector Encrypt(ReadOnlySpan<float> plain, IvSource ivs, ReadOnlySpan<byte> recordId)
    {
        Workplace workplace = Take(plain);
        try
        {
            VectorBatch batch = workplace.Batch;
            batch.IvSource = ivs;
            if (!batch.TrySetRecordId(0, recordId, 0))
                throw new ArgumentException($"A record id has at most {batch.RecordIdCapacity} bytes, this one has {recordId.Length}.", nameof(recordId));
            workplace.Run(BatchOperation.Encrypt);
            ThrowUnlessOk(batch.Status(0), plain.Length);
            byte[] metadata = new byte[VectorMetadata.Size];
            VectorMetadata.Write(_key.SecretId, batch.OutputIv(0), batch.OutputTag(0), metadata);
            return new EncryptedVector(batch.Output(0).ToArray(), metadata);
        }
        finally
        {
            Return(workplace);
        }
    }

    /// <summary>A batch of one row that holds <paramref name="values"/>, and what a worker needs to run it.</summary>
    private Workplace Take(ReadOnlySpan<float> values)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (values.Length > VectorBatch.MaximumDimension)
            throw new ArgumentException($"A vector has at most {VectorBatch.MaximumDimension} elements, this one has {values.Length}.", nameof(values));
        if (!_workplaces.TryTake(out Workplace? workplace) || !workplace.Batch.HasRoom(1, values.Length))
        {
            workplace?.Dispose();
            workplace = new Workplace(Math.Max(1024, values.Length));
        }

        VectorBatch batch = workplace.Batch;
        try
        {
            batch.TryAddRow(values.Length, batch.Keys.Add(_key), out int row);
            values.CopyTo(batch.Input(row));
            return workplace;
        }
        catch (ObjectDisposedException)
        {
            // Cipher and key went away between the look and the reference.
            workplace.Dispose();
            throw;
        }
    }

    private void Return(Workplace workplace)
    {
        VectorBatch batch = workplace.Batch;
        MemoryMarshal.AsBytes(batch.Input(0)).Clear();
        MemoryMarshal.AsBytes(batch.Output(0)).Clear();
        batch.Clear();
        _workplaces.Add(workplace);
        // The cipher was disposed meanwhile and may have looked into the bag before.
        if (_disposed)
            WipeWorkplaces();
    }

    private void WipeWorkplaces()
    {
        while (_workplaces.TryTake(out Workplace? workplace))
            workplace.Dispose();
    }

    /// <summary>What one thread at a time works with. Scratch holds plaintext, so it is the cipher's own and is wiped with it.</summary>
    private sealed class Workplace(int values) : IDisposable
    {
        private readonly CpuRows _rows = CpuRows.Create(CpuPath.Widest);

        public VectorBatch Batch { get; } = new(1, values);

        public void Run(BatchOperation operation) => _rows.Run(Batch, operation, 0, 1);

        public void Dispose()
        {
            _rows.Dispose();
            Batch.Dispose();
        }
    }
}
