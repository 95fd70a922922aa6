using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using GpuCrypt.Kernels.Batches;
using GpuCrypt.Kernels.Keys;
using GpuCrypt.Kernels.Scheme;

namespace GpuCrypt.Kernels.Devices.Cpu;

/// <summary>Rows of one dimension in groups of up to sixteen, whose seeds and tags are hashed at once and whose noise is made two rows at once.</summary>
internal sealed unsafe class GroupRows : VectorRows<Vector512Kernel>
{
    private const int GroupSize = Sha256Lanes.Count;

    // Sixteen lanes cost the same whether they are used or not: below this many rows the library's HMAC, a row at a time, is faster.
    private const int FewestForLanes = 5;

    private readonly HmacLanes _lanes = new();
    private readonly NoiseLanes _noise = new();
    private readonly NormalStream<Vector512Kernel> _first;
    private readonly NormalStream<Vector512Kernel> _second;
    private readonly VectorKey[] _keys = new VectorKey[GroupSize];

    public GroupRows()
    {
        _first = new NormalStream<Vector512Kernel>(Ziggurat);
        _second = new NormalStream<Vector512Kernel>(Ziggurat);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _lanes.Dispose();
        _noise.Dispose();
        _first.Dispose();
        _second.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override void RunRows(VectorBatch batch, BatchOperation operation, int first, int count)
    {
        int end = first + count;
        for (int row = first; row < end;)
        {
            int rows = 1;
            while (rows < GroupSize && row + rows < end && batch.Dimensions[row + rows] == batch.Dimensions[row])
                rows++;
            if (rows < FewestForLanes)
                base.RunRows(batch, operation, row, rows);
            else
                RunGroup(batch, operation, row, rows);
            row += rows;
        }

        Order.Forget();
    }

    private void RunGroup(VectorBatch batch, BatchOperation operation, int first, int count)
    {
        int dimension = batch.Dimensions[first];
        Scratch.Reserve(dimension);
        switch (operation)
        {
            case BatchOperation.Decrypt:
                DecryptGroup(batch, first, count, dimension, null, shuffled: false);
                break;
            case BatchOperation.Rotate:
                Scratch.ReserveGroup(dimension, GroupSize);
                // A synthetic IV hashes the plaintext as it is; otherwise nobody reads it but the next shuffle.
                bool shuffled = batch.IvSource != IvSource.Synthetic;
                DecryptGroup(batch, first, count, dimension, Scratch.Group, shuffled);
                EncryptGroup(batch, first, count, dimension, batch.TargetKeyIndexes, Scratch.Group, shuffled, withTags: true);
                break;
            default:
                for (int row = first; row < first + count; row++)
                    batch.Statuses[row] = (byte)RowStatus.Ok;
                EncryptGroup(batch, first, count, dimension, batch.KeyIndexes, null, shuffled: false, withTags: operation == BatchOperation.Encrypt);
                break;
        }

        Array.Clear(_keys);
    }

    /// <summary>
    /// Encrypts the rows whose status is Ok, from the inputs or from <paramref name="plains"/>, which may be in the order of the keys they
    /// were decrypted with, and leaves their statuses.
    /// </summary>
    private void EncryptGroup(VectorBatch batch, int first, int count, int dimension, int* keyIndexes, float* plains, bool shuffled, bool withTags)
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
        MakeSeeds(ivs, dimension, count);
        for (int lane = 0; lane < count; lane++)
            ciphers[lane] = (uint*)(batch.Outputs + batch.Offsets[first + lane]);
        for (int lane = 0; lane < count; lane += 2)
        {
            MakeNormals(lane, count, dimension);
            Perturb(batch, first, lane, dimension, plain[lane], shuffled, (float*)ciphers[lane], _first, Scratch.Normals);
            if (lane + 1 < count)
                Perturb(batch, first, lane + 1, dimension, plain[lane + 1], shuffled, (float*)ciphers[lane + 1], _second, Scratch.OtherNormals);
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

        _lanes.SyntheticIvs(_keys, batch.Ordinals + first, (uint**)plain, dimension, ids, batch.RecordIdSizes + first, count);
        byte* digest = stackalloc byte[Digest.Size];
        for (int lane = 0; lane < count; lane++)
        {
            WriteDigest(_lanes.DigestOf(lane), digest);
            new ReadOnlySpan<byte>(digest, Iv.Size).CopyTo(batch.OutputIv(first + lane));
        }
    }

    /// <summary>Checks every tag, then decrypts the rows that passed, into the outputs or into <paramref name="plains"/>, there still shuffled if wanted.</summary>
    private void DecryptGroup(VectorBatch batch, int first, int count, int dimension, float* plains, bool shuffled)
    {
        byte* ivs = batch.InputIvs + ((nint)first * Iv.Size);
        uint** ciphers = stackalloc uint*[GroupSize];
        for (int lane = 0; lane < count; lane++)
        {
            _keys[lane] = batch.Keys[batch.KeyIndexes[first + lane]];
            ciphers[lane] = (uint*)(batch.Inputs + batch.Offsets[first + lane]);
        }

        _lanes.Tags(_keys, ivs, ciphers, dimension, count);
        for (int lane = 0; lane < count; lane++)
        {
            // All 32 bytes at once: the time does not depend on where they differ.
            bool holds = Bytes(_lanes.DigestOf(lane)) == Vector256.Load(batch.InputTags + ((nint)(first + lane) * VectorBatch.TagSize));
            batch.Statuses[first + lane] = (byte)(IsInvalid(_keys[lane]) ? RowStatus.InvalidKey : holds ? RowStatus.Ok : RowStatus.BadTag);
        }

        if (dimension == 0)
            return;
        MakeSeeds(ivs, dimension, count);
        for (int lane = 0; lane < count; lane += 2)
        {
            MakeNormals(lane, count, dimension);
            Unperturb(batch, first, lane, dimension, (float*)ciphers[lane], plains, shuffled, _first, Scratch.Normals);
            if (lane + 1 < count)
                Unperturb(batch, first, lane + 1, dimension, (float*)ciphers[lane + 1], plains, shuffled, _second, Scratch.OtherNormals);
        }
    }

    private void MakeSeeds(byte* ivs, int dimension, int count)
    {
        _lanes.Seeds(_keys, ivs, count);
        if (dimension > 0)
            _noise.Start(_lanes.Words, dimension);
    }

    /// <summary>The normals of a lane and of the one after it, if there is one.</summary>
    private void MakeNormals(int lane, int count, int dimension)
    {
        if (dimension == 0)
            return;
        _first.Start(_lanes.DigestOf(lane), Scratch.Normals, dimension);
        if (lane + 1 == count)
            return;
        _second.Start(_lanes.DigestOf(lane + 1), Scratch.OtherNormals, dimension);
        _noise.Run(_first, lane, _second, lane + 1);
    }

    private static void WriteDigest(uint* digest, byte* destination) => Bytes(digest).Store(destination);

    /// <summary>A digest's bytes: its words are big-endian.</summary>
    private static Vector256<byte> Bytes(uint* digest) => Avx2.Shuffle(
        Vector256.Load(digest).AsByte(), Vector256.Create(Vector128.Create((byte)3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12)));

    /// <summary>Encrypts a row whose status is Ok, and leaves its status.</summary>
    private void Perturb(
        VectorBatch batch, int firstRow, int lane, int dimension, float* plain, bool shuffled, float* cipher, NormalStream<Vector512Kernel> stream, float* normals)
    {
        ref byte status = ref batch.Statuses[firstRow + lane];
        if (status != (byte)RowStatus.Ok)
            return;
        VectorKey key = _keys[lane];
        if (IsInvalid(key))
        {
            status = (byte)RowStatus.InvalidKey;
            return;
        }

        if (dimension == 0)
            return;
        NoiseTerms terms = Terms(key, stream, normals, dimension);
        Permutation permutation = key.PermutationFor(dimension);
        int* order = permutation.Forward;
        if (shuffled)
        {
            Permutation source = batch.Keys[batch.KeyIndexes[firstRow + lane]].PermutationFor(dimension);
            order = Order.Of(source, permutation);
            GC.KeepAlive(source);
        }

        if (!Vector512Kernel.Perturb(in terms, plain, order, cipher, null))
            status = (byte)RowStatus.Overflow;
        GC.KeepAlive(permutation);
    }

    /// <summary>Decrypts a row whose status is Ok.</summary>
    private void Unperturb(
        VectorBatch batch, int firstRow, int lane, int dimension, float* cipher, float* plains, bool shuffled, NormalStream<Vector512Kernel> stream, float* normals)
    {
        if (batch.Statuses[firstRow + lane] != (byte)RowStatus.Ok)
            return;
        float* plain = plains != null ? plains + ((nint)lane * Scratch.GroupStride) : batch.Outputs + batch.Offsets[firstRow + lane];
        NoiseTerms terms = Terms(_keys[lane], stream, normals, dimension);
        Vector512Kernel.Unperturb(in terms, cipher, shuffled ? plain : Scratch.Shuffled);
        if (!shuffled)
            Unshuffle(_keys[lane], dimension, plain);
    }
}
