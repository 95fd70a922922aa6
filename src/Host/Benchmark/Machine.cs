using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text.Json;
using GpuCrypt.Kernels.Devices;

namespace GpuCrypt.Host.Benchmark;

/// <summary>The machine that a figure belongs to: no figure means anything without it.</summary>
internal sealed record Machine
{
    /// <summary>The processor's own name.</summary>
    public required string Processor { get; init; }

    /// <summary>The cores that this process may use.</summary>
    public required int Cores { get; init; }

    /// <summary>Those of the vector instruction sets that matter here which the runtime uses.</summary>
    public required IReadOnlyList<string> InstructionSets { get; init; }

    /// <summary>The name of the card that was measured; null where it was the processor.</summary>
    public string? Gpu { get; init; }

    /// <summary>The card's driver or runtime; null where there is none.</summary>
    public string? Driver { get; init; }

    /// <summary>The operating system.</summary>
    public required string OperatingSystem { get; init; }

    /// <summary>The .NET runtime.</summary>
    public required string Runtime { get; init; }

    /// <summary>GpuCrypt's own version.</summary>
    public required string Version { get; init; }

    /// <summary>The version with no more of the commit than tells it apart.</summary>
    private string ShortVersion => Version.IndexOf('+', StringComparison.Ordinal) is >= 0 and int plus && Version.Length > plus + 9 ? Version[..(plus + 9)] : Version;

    /// <summary>Whether the program was compiled with optimization.</summary>
    public required bool Optimized { get; init; }

    /// <summary>The one-minute load average when this was read, null where the system has none: figures from a busy machine say less.</summary>
    public double? Load { get; init; }

    /// <summary>Reads what this machine is.</summary>
    /// <param name="device">The device that is measured; null where that is said elsewhere.</param>
    public static Machine Read(DeviceDescription? device = null)
    {
        bool card = device is not null && !IsProcessor(device);
        return new Machine
        {
            Processor = DeviceCatalog.List().First(IsProcessor).Hardware,
            Cores = Environment.ProcessorCount,
            InstructionSets = SupportedSets(),
            Gpu = card ? device!.Hardware : null,
            Driver = card ? device!.Detail : null,
            OperatingSystem = RuntimeInformation.OSDescription,
            Runtime = RuntimeInformation.FrameworkDescription,
            Version = typeof(Machine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion,
            Optimized = typeof(Machine).Assembly.GetCustomAttribute<DebuggableAttribute>() is not { IsJITOptimizerDisabled: true },
            Load = ReadLoad(),
        };
    }

    /// <summary>Whether a device is this machine's processor, and not a card.</summary>
    public static bool IsProcessor(DeviceDescription device) => device.Kind == "cpu";

    /// <summary>The machine in lines for a report.</summary>
    public IEnumerable<string> Lines()
    {
        string load = Load is { } value ? string.Create(CultureInfo.InvariantCulture, $", load {value:0.00}") : "";
        yield return $"Processor: {Processor}, {Cores} {(Cores == 1 ? "core" : "cores")}{load}";
        yield return $"Instruction sets in use by .NET: {(InstructionSets.Count == 0 ? "none of AVX2 and AVX-512" : string.Join(", ", InstructionSets))}";
        if (Gpu is not null)
            yield return $"GPU: {Gpu}, {Driver}";
        yield return $"Runtime: {Runtime} on {OperatingSystem}, GpuCrypt {ShortVersion}, {(Optimized ? "Release" : "DEBUG BUILD: figures mean nothing")}";
    }

    /// <summary>Writes the machine as the members of a JSON object.</summary>
    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteString("processor", Processor);
        json.WriteNumber("cores", Cores);
        json.WriteStartArray("instruction_sets");
        foreach (string set in InstructionSets)
            json.WriteStringValue(set);
        json.WriteEndArray();
        json.WriteString("gpu", Gpu);
        json.WriteString("driver", Driver);
        json.WriteString("os", OperatingSystem);
        json.WriteString("runtime", Runtime);
        json.WriteString("gpucrypt", Version);
        json.WriteBoolean("optimized", Optimized);
        if (Load is { } load)
            json.WriteNumber("load", load);
        else
            json.WriteNull("load");
    }

    private static string[] SupportedSets()
    {
        (string Name, bool Supported)[] sets =
        [
            ("AVX2", Avx2.IsSupported), ("AVX-512F", Avx512F.IsSupported), ("AVX-512BW", Avx512BW.IsSupported), ("AVX-512DQ", Avx512DQ.IsSupported),
            ("AVX-512VL", Avx512F.VL.IsSupported), ("AVX-512VBMI", Avx512Vbmi.IsSupported),
        ];
        return [.. sets.Where(s => s.Supported).Select(s => s.Name)];
    }

    private static double? ReadLoad()
    {
        try
        {
            return double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return null;
        }
    }
}
