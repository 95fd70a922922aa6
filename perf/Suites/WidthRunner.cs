using System.Runtime.InteropServices;
using GpuCrypt.Kernels.Devices.Cpu;
using GpuCrypt.Kernels.Scheme;

namespace GpuCrypt.Perf.Suites;

/// <summary>The inner loops of one vector width behind a virtual call, which is small against either.</summary>
internal abstract class WidthRunner : IDisposable
{
    public static WidthRunner Create(CpuPath path, int dimension) => path switch
    {
        CpuPath.Vector512 => new WidthRunner<Vector512Kernel>(dimension),
        CpuPath.Vector256 => new WidthRunner<Vector256Kernel>(dimension),
        _ => new WidthRunner<PortableKernel>(dimension),
    };

    public abstract void Keystream4KiB();

    public abstract uint Normals();

    public abstract void Dispose();
}

/// <summary>The runner of one kernel.</summary>
internal sealed unsafe class WidthRunner<TKernel>(int dimension) : WidthRunner
    where TKernel : ICpuKernel
{
    private const int Blocks = 64;

    private readonly void* _state = NativeMemory.AlignedAlloc((nuint)TKernel.StateSize, 64);
    private readonly uint* _words = (uint*)NativeMemory.AlignedAlloc(Blocks * 64, 64);
    private readonly float* _normals = (float*)NativeMemory.AlignedAlloc((nuint)(4 * (dimension + 16 + ZigguratRun<TKernel>.Overrun)), 64);
    private readonly ZigguratRun<TKernel> _ziggurat = new();
    private NormalStream<TKernel>? _stream;
    private Digest _seed;

    public override void Keystream4KiB()
    {
        uint* key = stackalloc uint[8];
        TKernel.StartKeystream(key, _state);
        for (int block = 0; block < Blocks;)
            block += TKernel.Keystream(_state, (ulong)block, _words + (16 * block), Blocks - block);
    }

    public override uint Normals()
    {
        // Another stream each time, as every vector has: the branches that a draw takes must not be learnt by heart.
        _seed.H0++;
        Digest seed = _seed;
        _stream ??= new NormalStream<TKernel>(_ziggurat);
        _stream.Start(&seed.H0, _normals, dimension);
        return _stream.Finish(out _);
    }

    public override void Dispose()
    {
        NativeMemory.AlignedFree(_state);
        NativeMemory.AlignedFree(_words);
        NativeMemory.AlignedFree(_normals);
        _stream?.Dispose();
        _ziggurat.Dispose();
    }
}
