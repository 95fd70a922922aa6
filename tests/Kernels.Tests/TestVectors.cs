using GpuCrypt.Kernels.Conformance;

namespace GpuCrypt.Kernels.Tests;

/// <summary>The vector files beside the tests.</summary>
internal static class TestVectors
{
    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "vectors");

    public static IEnumerable<string> Names() => Directory.EnumerateFiles(Folder, "*.jsonl").Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal);

    public static ConformanceFile Open(string name)
    {
        using var reader = new StreamReader(Path.Combine(Folder, name));
        return ConformanceFile.Read(name, reader);
    }
}
