// HMAC-SHA256 over up to sixteen messages at once: the stream seeds, tags and synthetic IVs of sixteen rows
// (WIRE-FORMAT sections 2 and 6; SyntheticIv).
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
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
    private const int BlockWords = 16;
    private const int TagHeaderWords = 5;
    private const int MostHeaderWords = 8;

    // What is left of a message after its whole blocks: less than a block of words, the tail, and at most 72 bytes of padding.
    private const int EndSize = 64 * 5;

    private readonly SecretMemory _memory = new(((8 + 8 + 8 + MostHeaderWords + 16 + 16 + 16) * 64) + (Lanes * EndSize));
    private readonly Vector512<uint>* _state;
    private readonly Vector512<uint>* _outer;
    private readonly Vector512<uint>* _finished;
    private readonly Vector512<uint>* _block;
    private readonly Vector512<uint>* _edge;
    private readonly Vector512<uint>* _digests;
    private readonly byte* _ends;

    public HmacLanes()
    {
        // What a key has saved, the inner state's words and then the outer's, is turned into lanes as a whole; so are the digests and what follows them.
        _state = (Vector512<uint>*)_memory.Pointer;
        _outer = _state + 8;
        _finished = _outer + 8;
        // The words of a message's header lie in front of the block: its first block starts with them.
        _block = _finished + 8 + MostHeaderWords;
        _edge = _block + BlockWords;
        _digests = _edge + Lanes;
        _ends = (byte*)(_digests + Lanes);
    }

    /// <summary>The digest of a lane: eight words, big-endian bytes as numbers.</summary>
    public uint* DigestOf(int lane) => (uint*)(_digests + lane);

    /// <summary>The digests of all lanes: eight words, each a vector of lanes.</summary>
    public Vector512<uint>* Words => _state;

    /// <summary>Hashes the IV of every lane: the seeds of their streams.</summary>
    /// <param name="keys">The lanes' keys.</param>
    /// <param name="ivs">The lanes' IVs, 12 bytes each, one after the other.</param>
    /// <param name="count">How many lanes are in use.</param>
    public void Seeds(ReadOnlySpan<VectorKey> keys, byte* ivs, int count)
    {
        LoadStates(keys[..count], ivKeys: false);
        SetIvs(_block, ivs, count);
        FinishMessage(_block, 3);
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
        uint* header = (uint*)(_block - TagHeaderWords);
        for (int lane = 0; lane < count; lane++)
        {
            header[lane] = BitConverter.SingleToUInt32Bits(keys[lane].Material.ScalingFactor);
            header[Lanes + lane] = BitConverter.SingleToUInt32Bits(keys[lane].Material.ApproximationFactor);
        }

        SetIvs(_block - TagHeaderWords + 2, ivs, count);
        uint** rows = stackalloc uint*[Lanes];
        AllLanes(ciphers, count, rows);
        HashBlocks(TagHeaderWords, rows, dimension);
        HashEdge(TagHeaderWords, rows, dimension);
        Finish();
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
        uint* header = (uint*)(_block - SyntheticIv.HeaderWords);
        for (int lane = 0; lane < count; lane++)
        {
            header[lane] = (uint)ordinals[lane];
            header[Lanes + lane] = (uint)dimension;
        }

        uint** rows = stackalloc uint*[Lanes];
        AllLanes(plains, count, rows);
        HashBlocks(SyntheticIv.HeaderWords, rows, dimension);
        HashEnds(SyntheticIv.HeaderWords, rows, dimension, ids, idSizes, count);
        Finish();
    }

    /// <summary>Wipes what was hashed last.</summary>
    public void Dispose() => _memory.Dispose();

    /// <summary>Lanes without a message hash the first one's: their digests are not read.</summary>
    private static void AllLanes(uint** rows, int count, uint** lanes)
    {
        for (int lane = 0; lane < Lanes; lane++)
            lanes[lane] = rows[lane < count ? lane : 0];
    }

    private static void SetIvs(Vector512<uint>* words, byte* ivs, int count)
    {
        uint* destination = (uint*)words;
        for (int lane = 0; lane < count; lane++, ivs += Iv.Size)
        {
            for (int word = 0; word < 3; word++)
                destination[(Lanes * word) + lane] = BinaryPrimitives.ReverseEndianness(*(uint*)(ivs + (4 * word)));
        }
    }

    /// <summary>Hashes the whole blocks of each lane's header and row; the states are loaded.</summary>
    private void HashBlocks(int headerWords, uint** rows, int dimension)
    {
        int whole = (headerWords + dimension) / BlockWords;
        if (whole == 0)
            return;
        TurnEdge(rows, 0, BlockWords - headerWords);
        Sha256Lanes.Compress(_state, _block - headerWords);
        for (int block = 1; block < whole; block++)
        {
            Sha256Lanes.Transpose(rows, (BlockWords * block) - headerWords, _block);
            Sha256Lanes.Compress(_state, _block);
        }
    }

    /// <summary>Hashes what is behind the whole blocks of each lane's header and row, and the padding.</summary>
    private void HashEdge(int headerWords, uint** rows, int dimension)
    {
        int words = headerWords + dimension;
        int rest = words % BlockWords;
        if (words == rest)
        {
            TurnEdge(rows, 0, dimension);
            FinishMessage(_block - headerWords, words);
            return;
        }

        TurnEdge(rows, dimension - rest, rest);
        FinishMessage(_block, words);
    }

    /// <summary>Turns fewer words than a block's of every row, from <paramref name="first"/>; nothing beyond them is read.</summary>
    private void TurnEdge(uint** rows, int first, int count)
    {
        Vector512<uint> wanted = Vector512.LessThan(
            Vector512.Create(0u, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), Vector512.Create((uint)count));
        uint** lanes = stackalloc uint*[Lanes];
        for (int lane = 0; lane < Lanes; lane++)
        {
            _edge[lane] = Avx512F.MaskLoad(rows[lane] + first, wanted, Vector512<uint>.Zero);
            lanes[lane] = (uint*)(_edge + lane);
        }

        Sha256Lanes.Transpose(lanes, 0, _block);
    }

    /// <summary>Pads the last block of messages of one size and hashes it, and the one that the padding may take more.</summary>
    /// <param name="block">The block, with the messages' last words.</param>
    /// <param name="words">The words of a message, all blocks together.</param>
    private void FinishMessage(Vector512<uint>* block, int words)
    {
        int next = words % BlockWords;
        block[next++] = Vector512.Create(0x80000000u);
        if (next > BlockWords - 2)
        {
            for (; next < BlockWords; next++)
                block[next] = default;
            Sha256Lanes.Compress(_state, block);
            next = 0;
        }

        for (; next < BlockWords - 2; next++)
            block[next] = default;
        ulong bits = (64 + (4 * (ulong)words)) * 8;
        block[BlockWords - 2] = Vector512.Create((uint)(bits >> 32));
        block[BlockWords - 1] = Vector512.Create((uint)bits);
        Sha256Lanes.Compress(_state, block);
    }

    /// <summary>Hashes what is behind the whole blocks of each lane's header and row, its tail, and the padding; each lane's state is taken after its own last block.</summary>
    private void HashEnds(int headerWords, uint** rows, int dimension, byte** tails, int* tailSizes, int count)
    {
        int* blocks = stackalloc int[Lanes];
        uint* last = stackalloc uint[Lanes];
        uint** lanes = stackalloc uint*[Lanes];
        int most = 0;
        for (int lane = 0; lane < Lanes; lane++)
        {
            blocks[lane] = lane < count ? WriteEnd(lane, headerWords, rows[lane], dimension, new ReadOnlySpan<byte>(tails[lane], tailSizes[lane])) : 0;
            most = Math.Max(most, blocks[lane]);
            lanes[lane] = (uint*)(_ends + (EndSize * lane));
        }

        for (int block = 0; block < most; block++)
        {
            for (int lane = 0; lane < Lanes; lane++)
                last[lane] = block == blocks[lane] - 1 ? uint.MaxValue : 0;
            Sha256Lanes.Transpose(lanes, BlockWords * block, _block);
            Sha256Lanes.Compress(_state, _block);
            Vector512<uint> ends = Vector512.Load(last);
            for (int word = 0; word < 8; word++)
                _finished[word] = Vector512.ConditionalSelect(ends, _state[word], _finished[word]);
        }

        for (int word = 0; word < 8; word++)
            _state[word] = _finished[word];
    }

    /// <summary>Writes what is left of a lane's message after its whole blocks, padded.</summary>
    /// <returns>The number of blocks.</returns>
    private int WriteEnd(int lane, int headerWords, uint* row, int dimension, ReadOnlySpan<byte> tail)
    {
        uint* end = (uint*)(_ends + (EndSize * lane));
        int words = headerWords + dimension;
        int rest = words % BlockWords;
        int size = (4 * rest) + tail.Length;
        int blocks = (size + 9 + 63) / 64;
        new Span<uint>(end, BlockWords * blocks).Clear();
        for (int i = 0; i < rest; i++)
        {
            int word = words - rest + i - headerWords;
            end[i] = word < 0 ? ((uint*)(_block + word))[lane] : row[word];
        }

        // Bytes from here: the padding's 0x80 follows the tail.
        byte* bytes = (byte*)(end + rest);
        tail.CopyTo(new Span<byte>(bytes, tail.Length));
        bytes[tail.Length] = 0x80;
        Span<uint> text = new(bytes, (tail.Length / 4) + 1);
        BinaryPrimitives.ReverseEndianness(text, text);
        ulong bits = (64 + (4 * (ulong)words) + (ulong)tail.Length) * 8;
        end[(BlockWords * blocks) - 2] = (uint)(bits >> 32);
        end[(BlockWords * blocks) - 1] = (uint)bits;
        return blocks;
    }

    /// <summary>From each key's saved states to lanes, inner and outer.</summary>
    private void LoadStates(ReadOnlySpan<VectorKey> keys, bool ivKeys)
    {
        uint** states = stackalloc uint*[Lanes];
        for (int lane = 0; lane < Lanes; lane++)
        {
            VectorKey key = keys[lane < keys.Length ? lane : 0];
            states[lane] = (uint*)Unsafe.AsPointer(ref ivKeys ? ref key.IvInnerState : ref key.InnerState);
        }

        Sha256Lanes.Transpose(states, 0, _state);
    }

    /// <summary>The outer hash, over the inner digests in the state, and the digests by lane.</summary>
    private void Finish()
    {
        for (int word = 0; word < 8; word++)
        {
            _block[word] = _state[word];
            _state[word] = _outer[word];
        }

        FinishMessage(_block, Digest.Size / sizeof(uint));
        uint** words = stackalloc uint*[Lanes];
        for (int word = 0; word < Lanes; word++)
            words[word] = (uint*)(_state + word);
        Sha256Lanes.Transpose(words, 0, _digests);
    }
}
