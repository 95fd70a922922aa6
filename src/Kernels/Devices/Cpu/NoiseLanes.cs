using System.Runtime.Intrinsics;
using GpuCrypt.Kernels.Keys;

namespace GpuCrypt.Kernels.Devices.Cpu;

/// <summary>
/// The random streams of up to sixteen rows of one dimension: two rows' blocks at once, and what no multiple of sixteen blocks covers for
/// all the rows at once, a row a lane. Needs AVX-512. Not thread-safe.
/// </summary>
internal sealed unsafe class NoiseLanes : IDisposable
{
    private const int Lanes = ChaCha20Lanes.Count;
    private const int BlockWords = 16;

    // One block more than is used: rows at a power of two would share a few lines of the cache.
    private const int RestStride = (Lanes + 1) * BlockWords;

    private readonly SecretMemory _memory = new((2 * ChaCha20Lanes.StateVectors * 64) + (Lanes * RestStride * sizeof(uint)));
    private readonly Vector512<uint>* _first;
    private readonly Vector512<uint>* _second;
    private readonly uint* _rests;
    private int _units;
    private int _rest;

    public NoiseLanes()
    {
        _first = (Vector512<uint>*)_memory.Pointer;
        _second = _first + ChaCha20Lanes.StateVectors;
        _rests = (uint*)(_second + ChaCha20Lanes.StateVectors);
    }

    /// <summary>Starts a group: makes the blocks of all rows behind the last whole sixteen.</summary>
    /// <param name="seeds">Eight words of seed, each a vector of lanes.</param>
    /// <param name="dimension">The rows' dimension, at least 1.</param>
    public void Start(Vector512<uint>* seeds, int dimension)
    {
        int blocks = NormalStream<Vector512Kernel>.BlocksFor(dimension);
        _units = blocks / Lanes;
        _rest = blocks % Lanes;
        for (int word = 0; word < 8; word++)
            _first[word] = _second[word] = Vector512Kernel.Swap(seeds[word]);
        for (int block = 0; block < _rest; block += 2)
        {
            ChaCha20Lanes.SetBlock(_first, (ulong)((Lanes * _units) + block));
            if (block + 1 == _rest)
            {
                ChaCha20Lanes.Single(_first, _rests + (BlockWords * block), RestStride);
                break;
            }

            ChaCha20Lanes.SetBlock(_second, (ulong)((Lanes * _units) + block + 1));
            ChaCha20Lanes.Pair(
                _first, _rests + (BlockWords * block), RestStride, _second, _rests + (BlockWords * (block + 1)), RestStride);
        }
    }

    /// <summary>Makes the normals of two rows of the group, which were started.</summary>
    public void Run(NormalStream<Vector512Kernel> first, int firstLane, NormalStream<Vector512Kernel> second, int secondLane)
    {
        int units = _units;
        do
        {
            first.BeginRun();
            second.BeginRun();
            int run = Math.Min(units, NormalStream<Vector512Kernel>.RunBlocks / Lanes);
            for (int unit = 0; unit < run; unit++)
            {
                Vector512<uint>* a = (Vector512<uint>*)first.State, b = (Vector512<uint>*)second.State;
                ChaCha20Lanes.SetBlocks(a, first.NextBlock);
                ChaCha20Lanes.SetBlocks(b, second.NextBlock);
                ChaCha20Lanes.Pair(a, first.Append(Lanes), BlockWords, b, second.Append(Lanes), BlockWords);
            }

            units -= run;
            if (units == 0)
            {
                AppendRest(first, firstLane);
                AppendRest(second, secondLane);
            }

            first.Consume();
            second.Consume();
        }
        while (units > 0);
    }

    /// <summary>Wipes the streams.</summary>
    public void Dispose() => _memory.Dispose();

    private void AppendRest(NormalStream<Vector512Kernel> stream, int lane)
    {
        uint* source = _rests + (lane * RestStride), destination = stream.Append(_rest);
        for (int block = 0; block < _rest; block++)
            Vector512.Load(source + (BlockWords * block)).Store(destination + (BlockWords * block));
    }
}
