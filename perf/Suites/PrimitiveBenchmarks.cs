using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using GpuCrypt.Kernels.Devices.Cpu;
using GpuCrypt.Kernels.Keys;
using GpuCrypt.Kernels.Scheme;

namespace GpuCrypt.Perf.Suites;

/// <summary>ChaCha20 keystream by vector width: 4 KiB an operation.</summary>
[MemoryDiagnoser]
public class KeystreamBenchmarks
{
    private WidthRunner _runner = null!;

    public static IEnumerable<CpuPath> Paths => DeviceBenchmarks.Paths;

    [ParamsSource(nameof(Paths))]
    public CpuPath Path { get; set; }

    [GlobalSetup]
    public void SetUp() => _runner = WidthRunner.Create(Path, 16);

    [Benchmark]
    public void Keystream4KiB() => _runner.Keystream4KiB();

    [GlobalCleanup]
    public void CleanUp() => _runner.Dispose();
}

/// <summary>The normals of one vector, keystream included, by vector width.</summary>
[MemoryDiagnoser]
public class NormalsBenchmarks
{
    private WidthRunner _runner = null!;

    public static IEnumerable<CpuPath> Paths => DeviceBenchmarks.Paths;

    [ParamsSource(nameof(Paths))]
    public CpuPath Path { get; set; }

    [Params(384, 768, 1536, 3072)]
    public int Dimension { get; set; }

    [GlobalSetup]
    public void SetUp() => _runner = WidthRunner.Create(Path, Dimension);

    [Benchmark]
    public uint Normals() => _runner.Normals();

    [GlobalCleanup]
    public void CleanUp() => _runner.Dispose();
}

/// <summary>
/// The tag of one vector: the runtime's HMAC-SHA256, a device's for a row by itself (OpenSSL's compression function where that is found),
/// and the scalar definition.
/// </summary>
[MemoryDiagnoser]
public class TagBenchmarks
{
    private readonly byte[] _tag = new byte[32];
    private readonly RowHmac _hmac = new();
    private readonly VectorKey _key = VectorKey.Derive(1, new byte[32], "tenant", "benchmark", 2.236f, scaling: true);
    private byte[] _message = [];
    private int _size;
    private float[] _cipher = [];
    private KeyMaterial _material;
    private Iv _iv;

    [Params(384, 768, 1536, 3072)]
    public int Dimension { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        _size = CpuRows.TagHeaderSize + (4 * Dimension);
        _message = new byte[_size + RowHmac.PaddingRoom];
        _cipher = new float[Dimension];
    }

    [Benchmark(Baseline = true)]
    public int Library() => HMACSHA256.HashData(_key.MacKey, _message.AsSpan(0, _size), _tag);

    [Benchmark]
    public unsafe byte Row()
    {
        fixed (byte* message = _message)
        {
            _hmac.Tag(_key, message, _size, _tag);
            return _tag[0];
        }
    }

    [Benchmark]
    public unsafe uint Scalar()
    {
        fixed (float* cipher = _cipher)
        {
            Tag.Compute(ref _material, ref _iv, new NativeView<float>(cipher), Dimension, out Digest tag);
            return tag.H0;
        }
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        _hmac.Dispose();
        _key.Dispose();
    }
}

/// <summary>The length of a row's noise: one power of a number in [0, 1).</summary>
[MemoryDiagnoser]
public class LengthBenchmarks
{
    private uint _word;

    [Params(384, 3072)]
    public int Dimension { get; set; }

    [Benchmark]
    public float Length()
    {
        HostTables tables = default;
        return Noise.Length(2.5f, _word += 0x9e3779b9, Dimension, ref tables);
    }
}
