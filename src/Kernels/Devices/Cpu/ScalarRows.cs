using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using GpuCrypt.Kernels.Keys;
using GpuCrypt.Kernels.Scheme;

namespace GpuCrypt.Kernels.Devices.Cpu;

/// <summary>Rows by the scalar scheme itself.</summary>
internal sealed unsafe class ScalarRows : CpuRows
{
    /// <inheritdoc/>
    protected override RowStatus Encrypt(VectorKey key, ReadOnlySpan<byte> iv, int dimension, float* plain, float* cipher, byte* tag)
    {
        HostTables tables = default;
        Iv words = ReadIv(iv);
        Permutation permutation = key.PermutationFor(dimension);
        var forward = new NativeView<int>(permutation.Forward);
        Digest digest = default;
        RowStatus status = tag == null
            ? VectorScheme.EncryptOneWay(ref key.Material, ref words, dimension, forward, new NativeView<float>(plain), new NativeView<float>(cipher), ref tables)
            : VectorScheme.Encrypt(ref key.Material, ref words, dimension, forward, new NativeView<float>(plain), new NativeView<float>(cipher), ref tables, out digest);
        GC.KeepAlive(permutation);
        if (tag == null)
            return status;
        ReadOnlySpan<uint> source = new(Unsafe.AsPointer(ref digest), 8);
        for (int i = 0; i < 8; i++)
            BinaryPrimitives.WriteUInt32BigEndian(new Span<byte>(tag + (4 * i), 4), source[i]);
        return status;
    }

    /// <inheritdoc/>
    protected override RowStatus Decrypt(VectorKey key, ReadOnlySpan<byte> iv, ReadOnlySpan<byte> tag, int dimension, float* cipher, float* plain)
    {
        HostTables tables = default;
        Iv words = ReadIv(iv);
        Digest digest = default;
        Span<uint> target = new(Unsafe.AsPointer(ref digest), 8);
        for (int i = 0; i < 8; i++)
            target[i] = BinaryPrimitives.ReadUInt32BigEndian(tag[(4 * i)..]);
        Permutation permutation = key.PermutationFor(dimension);
        RowStatus status = VectorScheme.Decrypt(
            ref key.Material,
            ref words,
            ref digest,
            dimension,
            new NativeView<int>(permutation.Forward),
            new NativeView<float>(cipher),
            new NativeView<float>(plain),
            new NativeView<float>(Scratch.Normals),
            ref tables);
        GC.KeepAlive(permutation);
        return status;
    }
}
