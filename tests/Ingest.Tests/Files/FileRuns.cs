using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using GpuCrypt.Ingest.Files;
using GpuCrypt.Ingest.Formats;
using GpuCrypt.Kernels.Batches;
using GpuCrypt.Kernels.Devices;
using GpuCrypt.Kernels.Keys;

namespace GpuCrypt.Ingest.Tests.Files;

/// <summary>A folder of files and the keys to run them with.</summary>
public sealed class FileRuns : IDisposable
{
    public const uint SecretId = 7;

    private readonly IVectorDevice _device = DeviceCatalog.Open("cpu", 1);

    public FileRuns() => Folder = Directory.CreateTempSubdirectory("gpucrypt-files-").FullName;

    public string Folder { get; }

    public TestKeys Keys { get; } = new();

    /// <summary>What devices allocated: a Debug build's do.</summary>
    public long AllocatedByDevice { get; private set; }

    public string At(string name) => Path.Combine(Folder, name);

    public string Write(string name, byte[] content)
    {
        File.WriteAllBytes(At(name), content);
        return At(name);
    }

    public void Dispose()
    {
        _device.Dispose();
        Keys.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>Runs a file with one batch and the real device.</summary>
    internal async Task<(long Done, long Rejected)> RunAsync(
        string input, string output, BatchOperation operation, FileSettings? settings = null, IvSource iv = IvSource.Synthetic, int rows = 64, int values = 1 << 14, int segment = 0)
    {
        settings = (settings ?? new FileSettings()) with { Operation = operation };
        (IVectorFileReader reader, IVectorFileWriter writer) = VectorFile.Open(input, output, settings, Keys);
        if (segment > 0)
        {
            await reader.DisposeAsync();
            reader = Reopen(input, settings, segment);
        }

        await using (reader)
        await using (writer)
        {
            using var batch = new FileBatch(new VectorBatch(rows, values) { IvSource = iv });
            while (await reader.FillAsync(batch))
            {
                long before = GC.GetTotalAllocatedBytes(precise: true);
                _device.Run(batch.Vectors, operation);
                AllocatedByDevice += GC.GetTotalAllocatedBytes(precise: true) - before;
                await writer.WriteAsync(batch);
                batch.Clear();
            }

            Assert.Equal(reader.TotalBytes, reader.BytesRead);
            await writer.CompleteAsync();
            return (writer.RowsDone, writer.RowsRejected);
        }
    }

    public static byte[] Npy(string descr, bool fortran, int rows, int dimension, Func<int, int, double> value) =>
        Formats.Records.Npy(descr, fortran, $"({rows}, {dimension})", Elements(descr, fortran, rows, dimension, value));

    public static byte[] Elements(string descr, bool fortran, int rows, int dimension, Func<int, int, double> value)
    {
        int size = descr[2] - '0';
        var data = new byte[(long)rows * dimension * size];
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < dimension; j++)
            {
                Span<byte> at = data.AsSpan((fortran ? (j * rows) + i : (i * dimension) + j) * size);
                double element = value(i, j);
                if (descr == "<f2")
                    BinaryPrimitives.WriteHalfLittleEndian(at, (Half)element);
                else if (descr == "<f4")
                    BinaryPrimitives.WriteSingleLittleEndian(at, (float)element);
                else if (descr == "<f8")
                    BinaryPrimitives.WriteDoubleLittleEndian(at, element);
                else
                    BinaryPrimitives.WriteDoubleBigEndian(at, element);
            }
        }

        return data;
    }

    public static byte[] Fvecs(IEnumerable<float[]> vectors) =>
        [.. vectors.SelectMany(vector => (byte[])[.. BitConverter.GetBytes(vector.Length), .. MemoryMarshal.AsBytes<float>(vector)])];

    public static float[] Floats(ReadOnlySpan<byte> bytes) => MemoryMarshal.Cast<byte, float>(bytes).ToArray();

    public static string Json(IEnumerable<double> vector) => "[" + string.Join(",", vector.Select(v => v.ToString(CultureInfo.InvariantCulture))) + "]";

    public static double Value(int row, int column) => Math.Round(Math.Sin((row * 31) + column) * 64) / 64;

    private IVectorFileReader Reopen(string input, FileSettings settings, int segment)
    {
        VectorFileNames.TryGetKind(input, out VectorFileKind kind);
        if (kind == VectorFileKind.JsonLines)
            return new JsonLinesFileReader(input, settings, Keys, segment);
        var rows = new BinaryRows(input, settings, Keys);
        return kind == VectorFileKind.Npy ? new NpyFileReader(input, NpyFile.ReadHeader(input), rows, segment) : new FvecsFileReader(input, rows, segment);
    }
}

/// <summary>Keys by tenant and path under one secret; tenant <c>nobody</c> has none.</summary>
public sealed class TestKeys : IFileKeys, IDisposable
{
    private readonly Dictionary<string, VectorKey> _keys = [];
    private VectorKey? _default;

    public bool Scaling { get; set; }

    public List<string> Asked { get; } = [];

    public bool TryAdd(in FileKeyRequest request, VectorBatch batch, out int keyIndex, out Rejection rejection)
    {
        keyIndex = -1;
        if (_default is not null && request.Tenant.IsEmpty && request.DerivationPath.IsEmpty && (request.SecretId is 0 or FileRuns.SecretId))
        {
            keyIndex = batch.Keys.Add(_default);
            rejection = default;
            return true;
        }

        string tenant = !request.Tenant.IsEmpty ? Encoding.UTF8.GetString(request.Tenant) : "default";
        string path = !request.DerivationPath.IsEmpty ? Encoding.UTF8.GetString(request.DerivationPath) : "path";
        rejection = request.SecretId is not 0 and not FileRuns.SecretId ? new Rejection(RejectReason.UnknownKey, "the keyring has no such secret") { Found = request.SecretId }
            : tenant == "nobody" ? new Rejection(RejectReason.UnknownTenant, "the tenant has no key")
            : default;
        if (rejection.Reason != RejectReason.None)
            return false;
        if (!_keys.TryGetValue(tenant + "/" + path, out VectorKey? key))
        {
            Asked.Add(tenant + "/" + path);
            _keys.Add(tenant + "/" + path, key = VectorKey.Derive(FileRuns.SecretId, new byte[32], tenant, path, 1f, Scaling));
        }

        if (request.Tenant.IsEmpty && request.DerivationPath.IsEmpty)
            _default = key;
        keyIndex = batch.Keys.Add(key);
        return true;
    }

    public void Dispose()
    {
        foreach (VectorKey key in _keys.Values)
            key.Dispose();
    }
}
