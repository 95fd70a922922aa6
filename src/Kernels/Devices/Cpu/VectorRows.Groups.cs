using System.Buffers.Binary;
using System.Security.Cryptography;
using GpuCrypt.Kernels.Batches;
using GpuCrypt.Kernels.Keys;
using GpuCrypt.Kernels.Scheme;

namespace GpuCrypt.Kernels.Devices.Cpu;

/// <summary>Rows of one dimension in groups of up to sixteen, whose seeds and tags are hashed at once.</summary>
internal sealed unsafe partial class VectorRows<TKernel>
{
    private const int GroupSize = Sha256Lanes.Count;

    // Sixteen lanes cost the same whether they are used or not: below this many rows the library's HMAC, a row at a time, is faster.
    private const int FewestForLanes = 5;

    private readonly HmacLanes? _lanes = TKernel.HasHashLanes ? new HmacLanes() : null;
    private readonly VectorKey[] _keys = new VectorKey[GroupSize];

    /// <inheritdoc/>
    protected override void RunRows(VectorBatch batch, BatchOperation operation, int first, int count)
    {
        int end = first + count;
        for (int row = first; row < end;)
        {
            int rows = 1;
            while (rows < GroupSize && row + rows < end && batch.Dimensions[row + rows] == batch.Dimensions[row])
                rows++;
            if (_lanes is null || rows < FewestForLanes)
                base.RunRows(batch, operation, row, rows);
            else
                RunGroup(batch, operation, row, rows);
            row += rows;
        }
    }

    private void RunGroup(VectorBatch batch, BatchOperation operation, int first, int count)
    {
        int dimension = batch.Dimensions[first];
        Scratch.Reserve(dimension);
        switch (operation)
        {
            case BatchOperation.Decrypt:
                DecryptGroup(batch, first, count, dimension, null);
                break;
            case BatchOperation.Rotate:
                Scratch.ReserveGroup(dimension, GroupSize);
                DecryptGroup(batch, first, count, dimension, Scratch.Group);
                EncryptGroup(batch, first, count, dimension, batch.TargetKeyIndexes, Scratch.Group, withTags: true);
                break;
            default:
                for (int row = first; row < first + count; row++)
                    batch.Statuses[row] = (byte)RowStatus.Ok;
                EncryptGroup(batch, first, count, dimension, batch.KeyIndexes, null, withTags: operation == BatchOperation.Encrypt);
                break;
        }

        Array.Clear(_keys);
    }

    /// <summary>Encrypts the rows whose status is Ok, from the inputs or from <paramref name="plains"/>, and leaves their statuses.</summary>
    private void EncryptGroup(VectorBatch batch, int first, int count, int dimension, int* keyIndexes, float* plains, bool withTags)
    {
        float** plain = stackalloc float*[GroupSize];
        for (int lane = 0; lane < count; lane++)
        {
            _keys[lane] = batch.Keys[keyIndexes[first + lane]];
            plain[lane] = plains != null ? plains + ((nint)lane * Scratch.GroupStride) : batch.Inputs + batch.Offsets[first + lane];
        }

        if (batch.IvSource == IvSource.Synthetic)
            MakeSyntheticIvs(batch, first, count, dimension, plain);
        byte* ivs = batch.OutputIvs + ((nint)first * Iv.Size);
        uint** ciphers = stackalloc uint*[GroupSize];
        _lanes!.Seeds(_keys, ivs, count);
        for (int lane = 0; lane < count; lane++)
        {
            int row = first + lane;
            float* cipher = batch.Outputs + batch.Offsets[row];
            ciphers[lane] = (uint*)cipher;
            if (batch.Statuses[row] == (byte)RowStatus.Ok)
                batch.Statuses[row] = (byte)PerturbRow(_keys[lane], lane, dimension, plain[lane], cipher);
        }

        if (!withTags)
            return;
        _lanes.Tags(_keys, ivs, ciphers, dimension, count);
        for (int lane = 0; lane < count; lane++)
            WriteDigest(_lanes.DigestOf(lane), batch.OutputTags + ((nint)(first + lane) * VectorBatch.TagSize));
    }

    private void MakeSyntheticIvs(VectorBatch batch, int first, int count, int dimension, float** plain)
    {
        byte** ids = stackalloc byte*[GroupSize];
        for (int lane = 0; lane < count; lane++)
        {
            if (batch.RecordIdSizes[first + lane] > HmacLanes.LongestTail)
            {
                for (int each = 0; each < count; each++)
                    MakeSyntheticIv(batch, first + each, _keys[each], plain[each], dimension);
                return;
            }

            ids[lane] = batch.RecordIds + batch.RecordIdOffsets[first + lane];
        }

        _lanes!.SyntheticIvs(_keys, batch.Ordinals + first, (uint**)plain, dimension, ids, batch.RecordIdSizes + first, count);
        byte* digest = stackalloc byte[Digest.Size];
        for (int lane = 0; lane < count; lane++)
        {
            WriteDigest(_lanes.DigestOf(lane), digest);
            new ReadOnlySpan<byte>(digest, Iv.Size).CopyTo(batch.OutputIv(first + lane));
        }
    }

    /// <summary>Checks every tag, then decrypts the rows that passed, into the outputs or into <paramref name="plains"/>.</summary>
    private void DecryptGroup(VectorBatch batch, int first, int count, int dimension, float* plains)
    {
        byte* ivs = batch.InputIvs + ((nint)first * Iv.Size);
        uint** ciphers = stackalloc uint*[GroupSize];
        for (int lane = 0; lane < count; lane++)
        {
            _keys[lane] = batch.Keys[batch.KeyIndexes[first + lane]];
            ciphers[lane] = (uint*)(batch.Inputs + batch.Offsets[first + lane]);
        }

        _lanes!.Tags(_keys, ivs, ciphers, dimension, count);
        byte* expected = stackalloc byte[Digest.Size];
        for (int lane = 0; lane < count; lane++)
        {
            WriteDigest(_lanes.DigestOf(lane), expected);
            bool holds = CryptographicOperations.FixedTimeEquals(new ReadOnlySpan<byte>(expected, Digest.Size), batch.InputTag(first + lane));
            batch.Statuses[first + lane] = (byte)(IsInvalid(_keys[lane]) ? RowStatus.InvalidKey : holds ? RowStatus.Ok : RowStatus.BadTag);
        }

        if (dimension == 0)
            return;
        _lanes.Seeds(_keys, ivs, count);
        for (int lane = 0; lane < count; lane++)
        {
            if (batch.Statuses[first + lane] != (byte)RowStatus.Ok)
                continue;
            float* plain = plains != null ? plains + ((nint)lane * Scratch.GroupStride) : batch.Outputs + batch.Offsets[first + lane];
            UnperturbRow(_keys[lane], lane, dimension, (float*)ciphers[lane], plain);
        }
    }

    private static bool IsInvalid(VectorKey key) => key.Material.Scaling != 0 && key.Material.ScalingFactor == 0f;

    private static void WriteDigest(uint* digest, byte* destination)
    {
        for (int word = 0; word < 8; word++)
            BinaryPrimitives.WriteUInt32BigEndian(new Span<byte>(destination + (4 * word), 4), digest[word]);
    }

    private RowStatus PerturbRow(VectorKey key, int lane, int dimension, float* plain, float* cipher)
    {
        if (IsInvalid(key))
            return RowStatus.InvalidKey;
        if (dimension == 0)
            return RowStatus.Ok;
        NoiseTerms terms = MakeNoise(key, ref *(Digest*)_lanes!.DigestOf(lane), dimension);
        Permutation permutation = key.PermutationFor(dimension);
        bool finite = TKernel.Perturb(in terms, plain, permutation.Forward, cipher, null);
        GC.KeepAlive(permutation);
        return finite ? RowStatus.Ok : RowStatus.Overflow;
    }

    private void UnperturbRow(VectorKey key, int lane, int dimension, float* cipher, float* plain)
    {
        NoiseTerms terms = MakeNoise(key, ref *(Digest*)_lanes!.DigestOf(lane), dimension);
        TKernel.Unperturb(in terms, cipher, Scratch.Shuffled);
        Unshuffle(key, dimension, plain);
    }
}
