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
        var permutation = new NativeView<int>(key.PermutationFor(dimension).Forward);
        if (tag == null)
            return VectorScheme.EncryptOneWay(ref key.Material, ref words, dimension, permutation, new NativeView<float>(plain), new NativeView<float>(cipher), ref tables);
        RowStatus status = VectorScheme.Encrypt(
            ref key.Material, ref words, dimension, permutation, new NativeView<float>(plain), new NativeView<float>(cipher), ref tables, out Digest digest);
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
        return VectorScheme.Decrypt(
            ref key.Material,
            ref words,
            ref digest,
            dimension,
            new NativeView<int>(key.PermutationFor(dimension).Forward),
            new NativeView<float>(cipher),
            new NativeView<float>(plain),
            new NativeView<float>(Scratch.Normals),
            ref tables);
    }
}
