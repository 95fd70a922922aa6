using System.Buffers.Binary;
using GpuCrypt.Kernels.Keys;

namespace GpuCrypt.Kernels.Devices.Cpu;

/// <summary>
/// One row's way from its seed to its normals: the random stream in runs of blocks, the draws made of it, the normals made of those and the
/// sums of their squares. Reused from row to row. Not thread-safe.
/// </summary>
/// <typeparam name="TKernel">The vector width.</typeparam>
internal sealed unsafe class NormalStream<TKernel> : IDisposable
    where TKernel : ICpuKernel
{
    /// <summary>The blocks that a run takes, at most: 64 of 4 KiB, well inside the first-level cache together with a row, and a rest.</summary>
    public const int RunBlocks = 64;

    private const int DrawsPerBlock = 8;

    // A kernel may make more blocks than it was asked for, and a row's last run has its rest behind it.
    private const int CapacityBlocks = RunBlocks + 32;

    // Draws left from the run before lie in front of the new ones, which start on a cache line.
    private const int LeftoverDraws = CapacityBlocks * DrawsPerBlock;

    private readonly SecretMemory _memory = new((LeftoverDraws + (CapacityBlocks * DrawsPerBlock) + 8) * sizeof(ulong));
    private readonly SecretMemory _state = new(TKernel.StateSize + 64);
    private readonly ZigguratRun<TKernel> _ziggurat;
    private readonly ulong* _fresh;
    private readonly float* _lanes;
    private ulong* _next;
    private ulong* _end;
    private ulong _blocks;
    private float* _normals;
    private int _dimension;
    private int _made;
    private int _summed;

    /// <summary>Makes a stream.</summary>
    /// <param name="ziggurat">What turns draws into normals: shared by the streams of a worker, not owned.</param>
    public NormalStream(ZigguratRun<TKernel> ziggurat)
    {
        _ziggurat = ziggurat;
        _fresh = (ulong*)_memory.Pointer + LeftoverDraws;
        _lanes = (float*)_state.Pointer;
        State = _state.Pointer + 64;
    }

    /// <summary>What the kernel's keystream starts from.</summary>
    public void* State { get; }

    /// <summary>The number of the next block.</summary>
    public ulong NextBlock => _blocks;

    /// <summary>The blocks that hold the draws of a number of normals, but for one row in about thirty.</summary>
    public static int BlocksFor(int normals) => (normals + Slack(normals) + DrawsPerBlock - 1) / DrawsPerBlock;

    /// <summary>Starts a row.</summary>
    /// <param name="seed">Its stream's ChaCha20 key: eight words, big-endian bytes as numbers.</param>
    /// <param name="normals">Receives the normals: room for <paramref name="dimension"/> and <see cref="ZigguratRun{TKernel}.Overrun"/>.</param>
    /// <param name="dimension">d, at least 1.</param>
    public void Start(uint* seed, float* normals, int dimension)
    {
        uint* key = (uint*)(_lanes + 8);
        for (int i = 0; i < 8; i++)
            key[i] = BinaryPrimitives.ReverseEndianness(seed[i]);
        TKernel.StartKeystream(key, State);
        new Span<float>(_lanes, 8).Clear();
        _next = _fresh;
        _end = _fresh;
        _blocks = 0;
        _normals = normals;
        _dimension = dimension;
        _made = 0;
        _summed = 0;
    }

    /// <summary>Starts a run: what the last one left is kept.</summary>
    public void BeginRun()
    {
        nint left = (nint)(_end - _next);
        Buffer.MemoryCopy(_next, _fresh - left, LeftoverDraws * sizeof(ulong), left * sizeof(ulong));
        _next = _fresh - left;
        _end = _fresh;
    }

    /// <summary>Takes room for the stream's next blocks, at most what <see cref="BlocksFor"/> says after <see cref="RunBlocks"/> of a run.</summary>
    /// <returns>Where they belong.</returns>
    public uint* Append(int blocks)
    {
        ulong* room = _end;
        _end += blocks * DrawsPerBlock;
        _blocks += (ulong)blocks;
        return (uint*)room;
    }

    /// <summary>Turns the draws of a run into normals.</summary>
    public void Consume()
    {
        while (_made < _dimension)
        {
            int wanted = _dimension - _made;
            int available = (int)(_end - _next);
            int count = Math.Min(available, wanted + Slack(wanted));
            int made = _ziggurat.Make(_next, count, _normals + _made, wanted, out int used);
            _next += used;
            _made += made;
            int whole = _made & ~7;
            TKernel.AddLaneSums(_normals + _summed, whole - _summed, _lanes);
            _summed = whole;
            if (count == available)
                return;
        }
    }

    /// <summary>Makes what is missing, and the word that follows the normals' draws.</summary>
    /// <param name="sum">The sum of the normals' squares in the format's order (section 4, step 5).</param>
    /// <returns>The word.</returns>
    public uint Finish(out float sum)
    {
        while (_made < _dimension)
        {
            Fill(_dimension - _made);
            Consume();
        }

        for (int i = _dimension; (i & 15) != 0; i++)
            _normals[i] = 0f;
        float* l = _lanes;
        sum = 0f;
        sum += l[0] + l[4];
        sum += l[1] + l[5];
        sum += l[2] + l[6];
        sum += l[3] + l[7];
        for (int i = _summed; i < _dimension; i++)
            sum += _normals[i] * _normals[i];
        if (_next == _end)
            Fill(1);
        return (uint)*_next;
    }

    /// <summary>Wipes the buffers and gives them back.</summary>
    public void Dispose()
    {
        _memory.Dispose();
        _state.Dispose();
    }

    // 1.5 % of draws take another one, or more: three standard deviations of that, and a vector's worth.
    private static int Slack(int normals) => (normals / 48) + 12;

    private void Fill(int normals)
    {
        BeginRun();
        int missing = Math.Min(RunBlocks, BlocksFor(normals));
        while (missing > 0)
        {
            int made = TKernel.Keystream(State, _blocks, (uint*)_end, missing);
            Append(made);
            missing -= made;
        }
    }
}
