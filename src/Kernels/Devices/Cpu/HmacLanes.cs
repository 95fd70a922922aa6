// HMAC-SHA256 over up to sixteen messages at once: the stream seeds and the tags of sixteen rows (WIRE-FORMAT sections 2 and 6).
using System.Buffers.Binary;
using System.Runtime.Intrinsics;
using GpuCrypt.Kernels.Keys;
using GpuCrypt.Kernels.Scheme;

namespace GpuCrypt.Kernels.Devices.Cpu;

/// <summary>
/// Sixteen HMACs in step, each under its own key from its saved pad states. Lanes without a message hash zeros. Holds what was hashed last;
/// not thread-safe.
/// </summary>
internal sealed unsafe class HmacLanes : IDisposable
{
    private const int Lanes = Sha256Lanes.Count;
    private const int HeaderWords = 5;

    // The states, the block, and a digest a lane.
    private readonly SecretMemory _memory = new(((8 + 16 + 8) * 64) + (Lanes * Digest.Size));
    private readonly Vector512<uint>* _state;
    private readonly Vector512<uint>* _block;
    private readonly Vector512<uint>* _outer;
    private readonly uint* _digests;

    public HmacLanes()
    {
        _state = (Vector512<uint>*)_memory.Pointer;
        _block = _state + 8;
        _outer = _block + 16;
        _digests = (uint*)(_outer + 8);
    }

    /// <summary>The digest of a lane: eight words, big-endian bytes as numbers.</summary>
    public uint* DigestOf(int lane) => _digests + (8 * lane);

    /// <summary>Hashes the IV of every lane: the seeds of their streams.</summary>
    /// <param name="keys">The lanes' keys.</param>
    /// <param name="ivs">The lanes' IVs, 12 bytes each, one after the other.</param>
    /// <param name="count">How many lanes are in use.</param>
    public void Seeds(ReadOnlySpan<VectorKey> keys, byte* ivs, int count)
    {
        LoadStates(keys[..count]);
        uint* block = (uint*)_block;
        new Span<uint>(block, 16 * Lanes).Clear();
        for (int lane = 0; lane < count; lane++)
        {
            for (int word = 0; word < 3; word++)
                block[(Lanes * word) + lane] = BinaryPrimitives.ReadUInt32BigEndian(new ReadOnlySpan<byte>(ivs + (Iv.Size * lane) + (4 * word), 4));
        }

        _block[3] = Vector512.Create(0x80000000u);
        _block[15] = Vector512.Create((64u + Iv.Size) * 8);
        Sha256Lanes.Compress(_state, _block);
        Finish();
    }

    /// <summary>Hashes the tag message of every lane: s, β, IV, ciphertext.</summary>
    /// <param name="keys">The lanes' keys.</param>
    /// <param name="ivs">The lanes' IVs, 12 bytes each, one after the other.</param>
    /// <param name="ciphers">Where each lane's ciphertext is.</param>
    /// <param name="dimension">The dimension of all of them.</param>
    /// <param name="count">How many lanes are in use.</param>
    public void Tags(ReadOnlySpan<VectorKey> keys, byte* ivs, uint** ciphers, int dimension, int count)
    {
        LoadStates(keys[..count]);
        int words = HeaderWords + dimension;
        int whole = words / 16;
        for (int block = 0; block < whole; block++)
        {
            for (int lane = 0; lane < Lanes; lane++)
            {
                if (lane >= count)
                    _block[lane] = default;
                else if (block > 0)
                    _block[lane] = Vector512.Load(ciphers[lane] + (16 * block) - HeaderWords);
                else
                    CopyWords(keys[lane], ivs + (Iv.Size * lane), ciphers[lane], 0, 16, (uint*)(_block + lane));
            }

            Sha256Lanes.Transpose(_block);
            Sha256Lanes.Compress(_state, _block);
        }

        FinishTags(keys, ivs, ciphers, words, whole, count);
    }

    /// <summary>Wipes what was hashed last.</summary>
    public void Dispose() => _memory.Dispose();

    /// <summary>Words [first, first + count) of a lane's message.</summary>
    private static void CopyWords(VectorKey key, byte* iv, uint* cipher, int first, int count, uint* destination)
    {
        for (int i = 0; i < count; i++)
        {
            int word = first + i;
            destination[i] = word switch
            {
                0 => BitConverter.SingleToUInt32Bits(key.Material.ScalingFactor),
                1 => BitConverter.SingleToUInt32Bits(key.Material.ApproximationFactor),
                < HeaderWords => BinaryPrimitives.ReadUInt32BigEndian(new ReadOnlySpan<byte>(iv + (4 * (word - 2)), 4)),
                _ => cipher[word - HeaderWords],
            };
        }
    }

    private void FinishTags(ReadOnlySpan<VectorKey> keys, byte* ivs, uint** ciphers, int words, int whole, int count)
    {
        int rest = words - (16 * whole);
        for (int lane = 0; lane < Lanes; lane++)
        {
            _block[lane] = default;
            uint* block = (uint*)(_block + lane);
            if (lane < count)
                CopyWords(keys[lane], ivs + (Iv.Size * lane), ciphers[lane], 16 * whole, rest, block);
            block[rest] = 0x80000000;
        }

        Sha256Lanes.Transpose(_block);
        // The length takes the last two words of a block; where the padding has reached them, a block more.
        if (rest > 13)
        {
            Sha256Lanes.Compress(_state, _block);
            new Span<Vector512<uint>>(_block, 16).Clear();
        }

        ulong bits = (64 + (4 * (ulong)words)) * 8;
        _block[14] = Vector512.Create((uint)(bits >> 32));
        _block[15] = Vector512.Create((uint)bits);
        Sha256Lanes.Compress(_state, _block);
        Finish();
    }

    /// <summary>From each key's saved states to lanes, inner and outer.</summary>
    private void LoadStates(ReadOnlySpan<VectorKey> keys)
    {
        uint* inner = (uint*)_state;
        uint* outer = (uint*)_outer;
        for (int lane = 0; lane < Lanes; lane++)
        {
            // Lanes without a message take the first key's: their digests are not read.
            VectorKey key = keys[lane < keys.Length ? lane : 0];
            fixed (Digest* innerState = &key.InnerState, outerState = &key.OuterState)
            {
                for (int word = 0; word < 8; word++)
                {
                    inner[(Lanes * word) + lane] = ((uint*)innerState)[word];
                    outer[(Lanes * word) + lane] = ((uint*)outerState)[word];
                }
            }
        }
    }

    /// <summary>The outer hash, over the inner digests in the state, and the digests by lane.</summary>
    private void Finish()
    {
        for (int word = 0; word < 8; word++)
        {
            _block[word] = _state[word];
            _state[word] = _outer[word];
        }

        _block[8] = Vector512.Create(0x80000000u);
        for (int word = 9; word < 15; word++)
            _block[word] = default;
        _block[15] = Vector512.Create((64u + Digest.Size) * 8);
        Sha256Lanes.Compress(_state, _block);
        uint* state = (uint*)_state;
        for (int lane = 0; lane < Lanes; lane++)
        {
            for (int word = 0; word < 8; word++)
                _digests[(8 * lane) + word] = state[(Lanes * word) + lane];
        }
    }
}
