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

    private readonly uint* _key = (uint*)NativeMemory.AllocZeroed(32);
    private readonly uint* _words = (uint*)NativeMemory.AlignedAlloc(Blocks * 64, 64);
    private readonly float* _normals = (float*)NativeMemory.AlignedAlloc((nuint)(4 * ((dimension + 15) & ~15)), 64);
    private readonly CpuKeystream<TKernel> _stream = new();
    private Digest _seed;

    public override void Keystream4KiB()
    {
        for (int block = 0; block < Blocks; block += TKernel.BlocksAtOnce)
            TKernel.Keystream(_key, (ulong)block, _words + (16 * block));
    }

    public override uint Normals()
    {
        // Another stream each time, as every vector has: the branches that a draw takes must not be learnt by heart.
        _seed.H0++;
        _stream.Start(ref _seed);
        float* lanes = stackalloc float[8];
        return _stream.Normals(_normals, dimension, lanes);
    }

    public override void Dispose()
    {
        NativeMemory.Free(_key);
        NativeMemory.AlignedFree(_words);
        NativeMemory.AlignedFree(_normals);
        _stream.Dispose();
    }
}
