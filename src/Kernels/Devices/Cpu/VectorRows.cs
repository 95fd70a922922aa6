using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using GpuCrypt.Kernels.Batches;
using GpuCrypt.Kernels.Keys;
using GpuCrypt.Kernels.Scheme;

namespace GpuCrypt.Kernels.Devices.Cpu;

/// <summary>Rows with vector instructions. A row by itself is tagged over a message that the last pass writes as it goes.</summary>
/// <typeparam name="TKernel">The vector width.</typeparam>
internal unsafe class VectorRows<TKernel> : CpuRows
    where TKernel : ICpuKernel
{
    private readonly NormalStream<TKernel> _stream;
    private readonly RowHmac _hmac;

    /// <summary>Prepares a worker.</summary>
    /// <param name="openSsl">False to hash single rows without <see cref="OpenSslSha256"/>.</param>
    public VectorRows(bool openSsl = true)
    {
        _stream = new NormalStream<TKernel>(Ziggurat);
        _hmac = new RowHmac(openSsl);
    }

    /// <summary>What turns the draws of this worker into normals.</summary>
    protected ZigguratRun<TKernel> Ziggurat { get; } = new();

    /// <summary>The way from one key's shuffled order to another's; forgotten at the end of a run of rows.</summary>
    protected ComposedOrder Order { get; } = new();

    /// <inheritdoc/>
    public override void Dispose()
    {
        _stream.Dispose();
        Ziggurat.Dispose();
        Order.Dispose();
        _hmac.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override void RunRows(VectorBatch batch, BatchOperation operation, int first, int count)
    {
        base.RunRows(batch, operation, first, count);
        Order.Forget();
    }

    /// <inheritdoc/>
    protected override RowStatus Encrypt(VectorKey key, ReadOnlySpan<byte> iv, int dimension, float* plain, float* cipher, byte* tag)
    {
        Permutation permutation = key.PermutationFor(dimension);
        RowStatus status = Encrypt(key, iv, dimension, plain, permutation.Forward, cipher, tag);
        GC.KeepAlive(permutation);
        return status;
    }

    /// <inheritdoc/>
    protected override RowStatus Decrypt(VectorKey key, ReadOnlySpan<byte> iv, ReadOnlySpan<byte> tag, int dimension, float* cipher, float* plain)
    {
        RowStatus status = DecryptShuffled(key, iv, tag, dimension, cipher, Scratch.Shuffled);
        if (status == RowStatus.Ok && dimension > 0)
            Unshuffle(key, dimension, plain);
        return status;
    }

    /// <inheritdoc/>
    protected override RowStatus Rotate(
        VectorBatch batch, int row, VectorKey source, VectorKey target, int dimension, float* input, float* output, byte* outputTag)
    {
        // A synthetic IV hashes the plaintext as it is; and an order composed for one row alone costs what it saves.
        if (batch.IvSource == IvSource.Synthetic || !(SharesKeys(batch, row, row - 1) || SharesKeys(batch, row, row + 1)))
            return base.Rotate(batch, row, source, target, dimension, input, output, outputTag);
        RowStatus status = DecryptShuffled(source, batch.InputIv(row), batch.InputTag(row), dimension, input, Scratch.Shuffled);
        if (status != RowStatus.Ok)
            return status;
        Permutation from = source.PermutationFor(dimension), to = target.PermutationFor(dimension);
        status = Encrypt(target, batch.OutputIv(row), dimension, Scratch.Shuffled, Order.Of(from, to), output, outputTag);
        GC.KeepAlive(from);
        GC.KeepAlive(to);
        return status;
    }

    private static bool SharesKeys(VectorBatch batch, int row, int other) =>
        (uint)other < (uint)batch.Rows && batch.Dimensions[row] == batch.Dimensions[other]
        && batch.KeyIndexes[row] == batch.KeyIndexes[other] && batch.TargetKeyIndexes[row] == batch.TargetKeyIndexes[other];

    /// <summary>Encrypts; element i of the shuffled row is element <paramref name="order"/>[i] of <paramref name="plain"/>.</summary>
    private RowStatus Encrypt(VectorKey key, ReadOnlySpan<byte> iv, int dimension, float* plain, int* order, float* cipher, byte* tag)
    {
        if (IsInvalid(key))
            return RowStatus.InvalidKey;
        if (dimension > 0)
        {
            NoiseTerms terms = MakeNoise(key, iv, dimension);
            if (!TKernel.Perturb(in terms, plain, order, cipher, Scratch.Message + TagHeaderSize))
                return RowStatus.Overflow;
        }

        if (tag != null)
            ComputeTag(key, iv, dimension, new Span<byte>(tag, Digest.Size));
        return RowStatus.Ok;
    }

    /// <summary>Checks the tag and decrypts into the key's shuffled order.</summary>
    private RowStatus DecryptShuffled(VectorKey key, ReadOnlySpan<byte> iv, ReadOnlySpan<byte> tag, int dimension, float* cipher, float* shuffled)
    {
        if (IsInvalid(key))
            return RowStatus.InvalidKey;
        Span<byte> expected = stackalloc byte[Digest.Size];
        TKernel.BigEndian(cipher, dimension, Scratch.Message + TagHeaderSize);
        ComputeTag(key, iv, dimension, expected);
        if (!TagsEqual(expected, tag))
            return RowStatus.BadTag;
        if (dimension == 0)
            return RowStatus.Ok;
        NoiseTerms terms = MakeNoise(key, iv, dimension);
        TKernel.Unperturb(in terms, cipher, shuffled);
        return RowStatus.Ok;
    }

    /// <summary>Whether 32 bytes are equal, in time that does not depend on where they differ; the library's way takes 40 ns.</summary>
    private static bool TagsEqual(ReadOnlySpan<byte> expected, ReadOnlySpan<byte> found)
    {
        Vector128<byte> low = Vector128.Create(expected) ^ Vector128.Create(found);
        Vector128<byte> high = Vector128.Create(expected[16..]) ^ Vector128.Create(found[16..]);
        return (low | high) == Vector128<byte>.Zero;
    }

    /// <summary>Whether the format forbids the key.</summary>
    protected static bool IsInvalid(VectorKey key) => key.Material.Scaling != 0 && key.Material.ScalingFactor == 0f;

    /// <inheritdoc/>
    protected override void ComputeSyntheticIv(VectorKey key, ReadOnlySpan<byte> recordId, int ordinal, float* plain, int dimension, Span<byte> iv)
    {
        const int HeaderSize = SyntheticIv.HeaderWords * sizeof(uint);
        fixed (byte* message = Scratch.IvMessage)
        {
            BinaryPrimitives.WriteInt32BigEndian(new Span<byte>(message, 4), ordinal);
            BinaryPrimitives.WriteInt32BigEndian(new Span<byte>(message + 4, 4), dimension);
            // Writes to the row's end rounded up to 16 elements, which the room for the padding covers; the id follows over it.
            TKernel.BigEndian(plain, dimension, message + HeaderSize);
            recordId.CopyTo(new Span<byte>(message + HeaderSize + (4 * dimension), recordId.Length));
            _hmac.SyntheticIv(key, message, SyntheticIv.ScratchSize(recordId.Length, dimension), iv);
        }
    }

    /// <summary>From the scratch's shuffled order back to the plaintext's.</summary>
    protected void Unshuffle(VectorKey key, int dimension, float* plain)
    {
        Permutation permutation = key.PermutationFor(dimension);
        TKernel.Gather(Scratch.Shuffled, permutation.Inverse, dimension, plain);
        GC.KeepAlive(permutation);
    }

    private NoiseTerms MakeNoise(VectorKey key, ReadOnlySpan<byte> iv, int dimension)
    {
        _hmac.Seed(key, iv, out Digest seed);
        return MakeNoise(key, ref seed, dimension);
    }

    /// <summary>Draws the normals of a row and the length of its noise; the division by the norm is left to the last pass.</summary>
    private NoiseTerms MakeNoise(VectorKey key, ref Digest seed, int dimension)
    {
        _stream.Start((uint*)Unsafe.AsPointer(ref seed), Scratch.Normals, dimension);
        return Terms(key, _stream, Scratch.Normals, dimension);
    }

    /// <summary>What the last pass needs, from a row's stream.</summary>
    protected static NoiseTerms Terms(VectorKey key, NormalStream<TKernel> stream, float* normals, int dimension)
    {
        HostTables tables = default;
        uint word = stream.Finish(out float sum);
        return new NoiseTerms
        {
            Normals = normals,
            Dimension = dimension,
            Length = Noise.Length(key.Material.Radius, word, dimension, ref tables),
            Norm = MathF.Sqrt(sum),
            Scale = key.Material.ScalingFactor,
            Scaling = key.Material.Scaling != 0,
        };
    }

    /// <summary>The tag over the ciphertext whose bits are in the message already.</summary>
    private void ComputeTag(VectorKey key, ReadOnlySpan<byte> iv, int dimension, Span<byte> tag)
    {
        Span<byte> header = new(Scratch.Message, TagHeaderSize);
        BinaryPrimitives.WriteSingleBigEndian(header, key.Material.ScalingFactor);
        BinaryPrimitives.WriteSingleBigEndian(header[4..], key.Material.ApproximationFactor);
        iv[..Iv.Size].CopyTo(header[8..]);
        _hmac.Tag(key, Scratch.Message, TagHeaderSize + (4 * dimension), tag);
    }
}
