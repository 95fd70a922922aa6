// HMAC-SHA256 of one row's messages: its stream seed, its tag and its synthetic IV (WIRE-FORMAT sections 2 and 6; SyntheticIv).
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using GpuCrypt.Kernels.Keys;
using GpuCrypt.Kernels.Scheme;

namespace GpuCrypt.Kernels.Devices.Cpu;

/// <summary>
/// One HMAC at a time from the key's saved pad states, where OpenSSL's compression function is there (<see cref="OpenSslSha256"/>); the
/// runtime's HMAC, which hashes the key's pads for every message, where it is not. Holds what was hashed last; not thread-safe.
/// </summary>
internal sealed unsafe class RowHmac : IDisposable
{
    /// <summary>What a message is padded by at most, in bytes: a message's memory has as much room behind it.</summary>
    public const int PaddingRoom = 72;

    private const int BlockSize = 64;

    private readonly SecretMemory _memory = new(sizeof(Work));
    private readonly Work* _work;
    private readonly bool _openSsl;

    /// <summary>Prepares the padding of the messages of fixed size.</summary>
    /// <param name="openSsl">False to do without OpenSSL's compression function.</param>
    public RowHmac(bool openSsl = true)
    {
        _openSsl = openSsl && OpenSslSha256.IsAvailable;
        _work = (Work*)_memory.Pointer;
        Pad(_work->Seed, Iv.Size);
        Pad(_work->Outer, Digest.Size);
    }

    /// <summary>The seed of a row's stream: the HMAC of its IV under K.</summary>
    /// <param name="key">The key.</param>
    /// <param name="iv">The IV, 12 bytes.</param>
    /// <param name="seed">Receives the seed.</param>
    public void Seed(VectorKey key, ReadOnlySpan<byte> iv, out Digest seed)
    {
        if (_openSsl)
        {
            iv[..Iv.Size].CopyTo(new Span<byte>(_work->Seed, Iv.Size));
            Hash(ref key.InnerState, ref key.OuterState, _work->Seed, 1, out seed);
            return;
        }

        HmacSha256 mac = HmacSha256.Resume(ref key.InnerState, ref key.OuterState);
        for (int at = 0; at < Iv.Size; at += sizeof(uint))
            mac.AppendWord(BinaryPrimitives.ReadUInt32BigEndian(iv[at..]));
        mac.Finish(out seed);
    }

    /// <summary>A row's tag: the HMAC of its message under K.</summary>
    /// <param name="key">The key.</param>
    /// <param name="message">The message, with <see cref="PaddingRoom"/> bytes behind it, which are overwritten.</param>
    /// <param name="size">The message's size in bytes.</param>
    /// <param name="tag">Receives 32 bytes.</param>
    public void Tag(VectorKey key, byte* message, int size, Span<byte> tag)
    {
        if (_openSsl)
            Hash(ref key.InnerState, ref key.OuterState, message, size, tag);
        else
            HMACSHA256.HashData(key.MacKey, new ReadOnlySpan<byte>(message, size), tag);
    }

    /// <summary>A row's synthetic IV: the first bytes of the HMAC of its message under the key's IV key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="message">The message, with <see cref="PaddingRoom"/> bytes behind it, which are overwritten.</param>
    /// <param name="size">The message's size in bytes.</param>
    /// <param name="iv">Receives 12 bytes.</param>
    public void SyntheticIv(VectorKey key, byte* message, int size, Span<byte> iv)
    {
        Span<byte> digest = stackalloc byte[Digest.Size];
        if (_openSsl)
            Hash(ref key.IvInnerState, ref key.IvOuterState, message, size, digest);
        else
            HMACSHA256.HashData(key.IvKey, new ReadOnlySpan<byte>(message, size), digest);
        digest[..Iv.Size].CopyTo(iv);
    }

    /// <summary>Wipes what was hashed last.</summary>
    public void Dispose() => _memory.Dispose();

    private void Hash(ref Digest inner, ref Digest outer, byte* message, int size, Span<byte> tag)
    {
        Hash(ref inner, ref outer, message, Pad(message, size), out Digest digest);
        WriteBigEndian(ref digest, tag);
    }

    /// <summary>The HMAC of a padded message.</summary>
    private void Hash(ref Digest inner, ref Digest outer, byte* message, int blocks, out Digest digest)
    {
        OpenSslSha256.Context* context = &_work->Context;
        OpenSslSha256.Compress(context, ref inner, message, blocks);
        WriteBigEndian(ref context->State, new Span<byte>(_work->Outer, Digest.Size));
        OpenSslSha256.Compress(context, ref outer, _work->Outer, 1);
        digest = context->State;
    }

    /// <summary>Pads a message that follows the block of the key's pad.</summary>
    /// <returns>How many blocks it has then.</returns>
    private static int Pad(byte* message, int size)
    {
        int blocks = (size + 9 + (BlockSize - 1)) / BlockSize;
        Span<byte> padding = new(message + size, (BlockSize * blocks) - size);
        padding.Clear();
        padding[0] = 0x80;
        BinaryPrimitives.WriteUInt64BigEndian(padding[^8..], (BlockSize + (ulong)size) * 8);
        return blocks;
    }

    private static void WriteBigEndian(ref Digest digest, Span<byte> destination)
    {
        ReadOnlySpan<uint> words = new(Unsafe.AsPointer(ref digest), 8);
        for (int i = 0; i < 8; i++)
            BinaryPrimitives.WriteUInt32BigEndian(destination[(4 * i)..], words[i]);
    }

    private struct Work
    {
        public fixed byte Seed[BlockSize];
        public fixed byte Outer[BlockSize];
        public OpenSslSha256.Context Context;
    }
}
