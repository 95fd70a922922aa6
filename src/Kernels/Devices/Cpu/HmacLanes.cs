// HMAC-SHA256 over up to sixteen messages at once: the stream seeds, tags and synthetic IVs of sixteen rows
// (WIRE-FORMAT sections 2 and 6; SyntheticIv).
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
    /// <summary>The longest record id that <see cref="SyntheticIvs"/> takes, in bytes.</summary>
    public const int LongestTail = 192;

    private const int Lanes = Sha256Lanes.Count;
    private const int MostHeaderWords = 8;

    // What is left of a message after its whole blocks: less than a block of words, the tail, and at most 72 bytes of padding.
    private const int EndSize = 64 * 5;

    private readonly SecretMemory _memory = new(((8 + 16 + 8 + 8) * 64) + (Lanes * (Digest.Size + (MostHeaderWords * sizeof(uint)) + EndSize)));
    private readonly Vector512<uint>* _state;
    private readonly Vector512<uint>* _block;
    private readonly Vector512<uint>* _outer;
    private readonly Vector512<uint>* _finished;
    private readonly uint* _digests;
    private readonly uint* _headers;
    private readonly byte* _ends;

    public HmacLanes()
    {
        _state = (Vector512<uint>*)_memory.Pointer;
        _block = _state + 8;
        _outer = _block + 16;
        _finished = _outer + 8;
        _digests = (uint*)(_finished + 8);
        _headers = _digests + (8 * Lanes);
        _ends = (byte*)(_headers + (MostHeaderWords * Lanes));
    }

    /// <summary>The digest of a lane: eight words, big-endian bytes as numbers.</summary>
    public uint* DigestOf(int lane) => _digests + (8 * lane);

    /// <summary>The digests of all lanes: eight words, each a vector of lanes.</summary>
    public Vector512<uint>* Words => _state;

    /// <summary>Hashes the IV of every lane: the seeds of their streams.</summary>
    /// <param name="keys">The lanes' keys.</param>
    /// <param name="ivs">The lanes' IVs, 12 bytes each, one after the other.</param>
    /// <param name="count">How many lanes are in use.</param>
    public void Seeds(ReadOnlySpan<VectorKey> keys, byte* ivs, int count)
    {
        LoadStates(keys[..count], ivKeys: false);
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
        LoadStates(keys[..count], ivKeys: false);
        for (int lane = 0; lane < count; lane++)
        {
            uint* header = _headers + (MostHeaderWords * lane);
            header[0] = BitConverter.SingleToUInt32Bits(keys[lane].Material.ScalingFactor);
            header[1] = BitConverter.SingleToUInt32Bits(keys[lane].Material.ApproximationFactor);
            for (int word = 0; word < 3; word++)
                header[2 + word] = BinaryPrimitives.ReadUInt32BigEndian(new ReadOnlySpan<byte>(ivs + (Iv.Size * lane) + (4 * word), 4));
        }

        Messages(5, ciphers, dimension, null, null, count);
    }

    /// <summary>Hashes the message of every lane's synthetic IV: ordinal, d, plaintext, record id.</summary>
    /// <param name="keys">The lanes' keys.</param>
    /// <param name="ordinals">The lanes' ordinals.</param>
    /// <param name="plains">Where each lane's plaintext is.</param>
    /// <param name="dimension">The dimension of all of them.</param>
    /// <param name="ids">Where each lane's record id is.</param>
    /// <param name="idSizes">Their sizes, at most <see cref="LongestTail"/> bytes.</param>
    /// <param name="count">How many lanes are in use.</param>
    public void SyntheticIvs(ReadOnlySpan<VectorKey> keys, int* ordinals, uint** plains, int dimension, byte** ids, int* idSizes, int count)
    {
        LoadStates(keys[..count], ivKeys: true);
        for (int lane = 0; lane < count; lane++)
        {
            _headers[MostHeaderWords * lane] = (uint)ordinals[lane];
            _headers[(MostHeaderWords * lane) + 1] = (uint)dimension;
        }

        Messages(SyntheticIv.HeaderWords, plains, dimension, ids, idSizes, count);
    }

    /// <summary>Wipes what was hashed last.</summary>
    public void Dispose() => _memory.Dispose();

    /// <summary>Hashes each lane's header, row and tail; the states are loaded.</summary>
    private void Messages(int headerWords, uint** rows, int dimension, byte** tails, int* tailSizes, int count)
    {
        int words = headerWords + dimension;
        int whole = words / 16;
        for (int block = 0; block < whole; block++)
        {
            for (int lane = 0; lane < Lanes; lane++)
            {
                if (lane >= count)
                    _block[lane] = default;
                else if (block > 0)
                    _block[lane] = Vector512.Load(rows[lane] + (16 * block) - headerWords);
                else
                    CopyWords(lane, headerWords, rows[lane], 0, 16, (uint*)(_block + lane));
            }

            Sha256Lanes.Transpose(_block);
            Sha256Lanes.Compress(_state, _block);
        }

        int* blocks = stackalloc int[Lanes];
        int most = 0;
        for (int lane = 0; lane < count; lane++)
        {
            blocks[lane] = WriteEnd(lane, headerWords, rows[lane], words, tails == null ? default : new ReadOnlySpan<byte>(tails[lane], tailSizes[lane]));
            most = Math.Max(most, blocks[lane]);
        }

        FinishEnds(blocks, most, count);
        Finish();
    }

    /// <summary>Words [first, first + count) of a lane's header and row.</summary>
    private void CopyWords(int lane, int headerWords, uint* row, int first, int count, uint* destination)
    {
        for (int i = 0; i < count; i++)
        {
            int word = first + i;
            destination[i] = word < headerWords ? _headers[(MostHeaderWords * lane) + word] : row[word - headerWords];
        }
    }

    /// <summary>Writes what is left of a lane's message after its whole blocks, padded.</summary>
    /// <returns>The number of blocks.</returns>
    private int WriteEnd(int lane, int headerWords, uint* row, int words, ReadOnlySpan<byte> tail)
    {
        uint* end = (uint*)(_ends + (EndSize * lane));
        int rest = words % 16;
        int size = (4 * rest) + tail.Length;
        int blocks = (size + 9 + 63) / 64;
        new Span<uint>(end, 16 * blocks).Clear();
        CopyWords(lane, headerWords, row, words - rest, rest, end);
        // Bytes from here: the padding's 0x80 follows the tail.
        byte* bytes = (byte*)(end + rest);
        tail.CopyTo(new Span<byte>(bytes, tail.Length));
        bytes[tail.Length] = 0x80;
        Span<uint> text = new(bytes, (tail.Length / 4) + 1);
        BinaryPrimitives.ReverseEndianness(text, text);
        ulong bits = (64 + (4 * (ulong)words) + (ulong)tail.Length) * 8;
        end[(16 * blocks) - 2] = (uint)(bits >> 32);
        end[(16 * blocks) - 1] = (uint)bits;
        return blocks;
    }

    /// <summary>Compresses the ends; each lane's state is taken after its own last block.</summary>
    private void FinishEnds(int* blocks, int most, int count)
    {
        uint* last = stackalloc uint[Lanes];
        for (int block = 0; block < most; block++)
        {
            for (int lane = 0; lane < Lanes; lane++)
            {
                bool has = lane < count && block < blocks[lane];
                _block[lane] = has ? Vector512.Load((uint*)(_ends + (EndSize * lane)) + (16 * block)) : default;
                last[lane] = has && block == blocks[lane] - 1 ? uint.MaxValue : 0;
            }

            Sha256Lanes.Transpose(_block);
            Sha256Lanes.Compress(_state, _block);
            Vector512<uint> ends = Vector512.Load(last);
            for (int word = 0; word < 8; word++)
                _finished[word] = Vector512.ConditionalSelect(ends, _state[word], _finished[word]);
        }

        for (int word = 0; word < 8; word++)
            _state[word] = _finished[word];
    }

    /// <summary>From each key's saved states to lanes, inner and outer.</summary>
    private void LoadStates(ReadOnlySpan<VectorKey> keys, bool ivKeys)
    {
        uint* inner = (uint*)_state;
        uint* outer = (uint*)_outer;
        for (int lane = 0; lane < Lanes; lane++)
        {
            // Lanes without a message take the first key's: their digests are not read.
            VectorKey key = keys[lane < keys.Length ? lane : 0];
            fixed (Digest* innerState = &(ivKeys ? ref key.IvInnerState : ref key.InnerState), outerState = &(ivKeys ? ref key.IvOuterState : ref key.OuterState))
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
