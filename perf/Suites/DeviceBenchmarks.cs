using BenchmarkDotNet.Attributes;
using GpuCrypt.Host.Benchmark;
using GpuCrypt.Kernels.Batches;
using GpuCrypt.Kernels.Devices.Cpu;

namespace GpuCrypt.Perf.Suites;

/// <summary>Whole operations of the CPU device on one thread: one run of one batch.</summary>
[MemoryDiagnoser]
public class DeviceBenchmarks
{
    private CpuDevice _device = null!;
    private Workload _workload = null!;

    public static IEnumerable<CpuPath> Paths => CpuPaths.Available().Where(p => p is CpuPath.Vector512 or CpuPath.Vector256 or CpuPath.Portable);

    [ParamsSource(nameof(Paths))]
    public CpuPath Path { get; set; }

    [Params(384, 768, 1536, 3072)]
    public int Dimension { get; set; }

    [Params(1, 4, 64, 1024)]
    public int Rows { get; set; }

    [GlobalSetup(Target = nameof(Encrypt))]
    public void SetUpEncrypt() => SetUp(BatchOperation.Encrypt, IvSource.Random);

    [GlobalSetup(Target = nameof(EncryptSynthetic))]
    public void SetUpEncryptSynthetic() => SetUp(BatchOperation.Encrypt, IvSource.Synthetic);

    [GlobalSetup(Target = nameof(EncryptOneWay))]
    public void SetUpEncryptOneWay() => SetUp(BatchOperation.EncryptOneWay, IvSource.Random);

    [GlobalSetup(Target = nameof(Decrypt))]
    public void SetUpDecrypt() => SetUp(BatchOperation.Decrypt, IvSource.Random);

    [GlobalSetup(Target = nameof(Rotate))]
    public void SetUpRotate() => SetUp(BatchOperation.Rotate, IvSource.Random);

    [Benchmark]
    public void Encrypt() => _workload.Run();

    [Benchmark]
    public void EncryptSynthetic() => _workload.Run();

    [Benchmark]
    public void EncryptOneWay() => _workload.Run();

    [Benchmark]
    public void Decrypt() => _workload.Run();

    [Benchmark]
    public void Rotate() => _workload.Run();

    [GlobalCleanup]
    public void CleanUp()
    {
        _workload.Check();
        _workload.Dispose();
        _device.Dispose();
    }

    private void SetUp(BatchOperation operation, IvSource ivs)
    {
        _device = new CpuDevice(Path, 1);
        using var keys = new BenchmarkKeys();
        _workload = new Workload(_device, keys, operation, ivs, Dimension, Rows);
    }
}
