using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using GpuCrypt.Host.Benchmark;
using GpuCrypt.Kernels.Devices;

namespace GpuCrypt.Host.Tests.Commands;

/// <summary><c>bench</c> through the built program.</summary>
public sealed class BenchCommandTests
{
    private static readonly string[] Fields =
    [
        "device", "device_detail", "operation", "iv", "dimension", "threads", "batch", "batches_in_flight", "vectors_per_second", "lowest_vectors_per_second",
        "highest_vectors_per_second", "ns_per_vector", "processor_ns_per_vector", "gigabytes_per_second", "batch_p50_us", "batch_p99_us", "allocated_bytes_per_vector",
        "seconds", "slices", "machine",
    ];

    private static readonly string[] MachineFields = ["processor", "cores", "instruction_sets", "gpu", "driver", "os", "runtime", "gpucrypt", "optimized", "load"];

    public static TheoryData<string> DeviceNames => [.. DeviceCatalog.List().Select(d => d.Name)];

    [Theory]
    [MemberData(nameof(DeviceNames))]
    public async Task Json_gives_one_whole_object_a_figure_and_no_device_allocates(string device)
    {
        GpuCryptResult result = await GpuCryptProcess.RunAsync("bench", "--device", device, "--dimension", "48", "--threads", "2", "--batch", "50", "--seconds", "0.1", "--iv", "synthetic", "--json");
        AssertDone(result);
        Assert.Equal(4, result.OutputLines.Length);
        foreach ((string text, string operation, string? iv) in result.OutputLines.Zip((string[])["encrypt", "decrypt", "rotate", "one-way"], (string?[])["synthetic", null, "synthetic", "random"]))
        {
            using JsonDocument document = JsonDocument.Parse(text);
            JsonElement line = document.RootElement;
            Assert.Equal(Fields, line.EnumerateObject().Select(p => p.Name));
            Assert.Equal((device, operation, iv), (line.GetProperty("device").GetString(), line.GetProperty("operation").GetString(), line.GetProperty("iv").GetString()));
            Assert.Equal((48, 2, 50), (line.GetProperty("dimension").GetInt32(), line.GetProperty("threads").GetInt32(), line.GetProperty("batch").GetInt32()));
            Assert.Equal(DeviceLoad.BatchesInFlight, line.GetProperty("batches_in_flight").GetInt32());
            Assert.Equal(0, Number(line, "allocated_bytes_per_vector"));
            double rate = Number(line, "vectors_per_second");
            Assert.InRange(rate, Number(line, "lowest_vectors_per_second"), Number(line, "highest_vectors_per_second"));
            Assert.Equal(1, rate * Number(line, "ns_per_vector") / 1e9, 1e-3);
            Assert.Equal(rate * 48 * 4 / 1e9, Number(line, "gigabytes_per_second"), 1e-5);
            Assert.True(Number(line, "processor_ns_per_vector") > 0);
            Assert.InRange(Number(line, "batch_p50_us"), 0.001, Number(line, "batch_p99_us"));
            Assert.True(Number(line, "seconds") >= 0.1);
            Assert.InRange(line.GetProperty("slices").GetInt32(), 3, 10);
            CheckMachine(line.GetProperty("machine"));
        }
    }

    [Fact]
    public async Task The_table_names_the_machine_and_has_every_figure_asked_for_once()
    {
        GpuCryptResult result = await GpuCryptProcess.RunAsync(
            "bench", "--operation", "one-way", "encrypt", "--operation", "encrypt", "--dimension", "7", "--dimension", "1", "7", "--threads", "1", "--seconds", "0.05");
        AssertDone(result);
        string[] lines = result.OutputLines;
        Assert.Equal($"Processor: {DeviceCatalog.List()[0].Hardware}", lines[0].Split(", ")[0]);
        Assert.StartsWith("Instruction sets in use by .NET: ", lines[1], StringComparison.Ordinal);
        Assert.StartsWith("Runtime: .NET 10", lines[2], StringComparison.Ordinal);
        Assert.Matches("^Device: cpu, .*, 1 thread; 3 batches in flight, random IVs$", lines[3]);
        Assert.StartsWith("OPERATION  DIMENSION", lines[4], StringComparison.Ordinal);
        string[][] rows = [.. lines[5..].Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))];
        Assert.Equal([("one-way", "7"), ("encrypt", "7"), ("one-way", "1"), ("encrypt", "1")], rows.Select(row => (row[0], row[1])));
        Assert.All(rows, row =>
        {
            Assert.Equal(11, row.Length);
            Assert.Equal(("8,192", "0"), (row[2], row[10]));
            Assert.All(row[3..7], cell => Assert.True(double.Parse(cell, NumberStyles.Number, CultureInfo.InvariantCulture) > 0, cell));
        });
    }

    [Fact]
    public async Task Help_says_what_every_column_is()
    {
        GpuCryptResult result = await GpuCryptProcess.RunAsync("bench", "--help");
        AssertDone(result);
        string[] figures = result.OutputLines[(Array.IndexOf(result.OutputLines, "Figures:") + 1)..];
        foreach (string column in (string[])["VECTORS/S", "LOWEST", "HIGHEST", "NS/VECTOR", "GB/S", "P50", "P99", "B/VECTOR"])
            Assert.Contains(figures, line => line.Contains(column, StringComparison.Ordinal));
        Assert.Contains("--seconds", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--dimension 0", "--dimension is a number from 1 to 67108864.")]
    [InlineData("--dimension 384 67108865", "--dimension is a number from 1 to 67108864.")]
    [InlineData("--dimension many", "--dimension is a number from 1 to 67108864.")]
    [InlineData("--dimension", "Required argument missing for option: '--dimension'.")]
    [InlineData("--threads 0", "--threads is a number from 1 to 1024.")]
    [InlineData("--threads 1025", "--threads is a number from 1 to 1024.")]
    [InlineData("--batch 0", "--batch is a number, at least 1.")]
    [InlineData("--batch 1.5", "--batch is a number, at least 1.")]
    [InlineData("--batch 2147483647", "--batch 2147483647 at dimension 384: expected at most 2^31 elements in a batch")]
    [InlineData("--batch 33554432 --dimension 63", "--batch 33554432 at dimension 63: expected at most 2^31 elements in a batch")]
    [InlineData("--seconds 0", "--seconds is a number above 0, at most 3600.")]
    [InlineData("--seconds -1", "--seconds is a number above 0, at most 3600.")]
    [InlineData("--seconds NaN", "--seconds is a number above 0, at most 3600.")]
    [InlineData("--seconds 3601", "--seconds is a number above 0, at most 3600.")]
    [InlineData("--operation encipher", "--operation is one of encrypt, decrypt, rotate, one-way.")]
    [InlineData("--iv none", "--iv is one of random, synthetic.")]
    [InlineData("--iv synthetic --operation decrypt", "--iv synthetic is for encrypt and rotate: leave it out, or measure one of these.")]
    [InlineData("--device gpu:7", "device gpu:7: unknown; choose auto or one of: cpu, ")]
    [InlineData("--colour", "Unrecognized command or argument '--colour'.")]
    public async Task Senseless_options_are_refused_in_one_line(string options, string reason)
    {
        GpuCryptResult result = await GpuCryptProcess.RunAsync(["bench", .. options.Split(' ')]);
        Assert.Equal((ExitCodes.Usage, ""), (result.ExitCode, result.Output));
        string line = Assert.Single(result.ErrorLines);
        Assert.StartsWith("gpucrypt: ", line, StringComparison.Ordinal);
        Assert.Contains(reason, line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-INT")]
    [InlineData("-TERM")]
    public async Task An_interrupted_run_ends_soon_and_keeps_its_figures(string signal)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using Process bench = GpuCryptProcess.Start(["bench", "--operation", "encrypt", "--dimension", "16", "24", "--seconds", "1", "--batch", "64", "--json"]);
        try
        {
            Task<string> error = bench.StandardError.ReadToEndAsync(limit.Token);
            string? first = await bench.StandardOutput.ReadLineAsync(limit.Token);
            using Process kill = Process.Start("kill", [signal, bench.Id.ToString(CultureInfo.InvariantCulture)]);
            Assert.Equal("", await bench.StandardOutput.ReadToEndAsync(limit.Token));
            await bench.WaitForExitAsync(limit.Token);
            using JsonDocument figure = JsonDocument.Parse(first!);
            Assert.Equal(16, figure.RootElement.GetProperty("dimension").GetInt32());
            Assert.Equal((ExitCodes.Failed, "gpucrypt: bench: interrupted after 1 of 2 figures.\n"), (bench.ExitCode, await error));
        }
        finally
        {
            if (!bench.HasExited)
                bench.Kill(entireProcessTree: true);
        }
    }

    /// <summary>Done, and nothing said but progress, which a run says that takes longer than a few seconds, as it does where others use the machine.</summary>
    private static void AssertDone(GpuCryptResult result)
    {
        Assert.Equal(ExitCodes.Done, result.ExitCode);
        Assert.All(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Matches("^bench: .* %(, .* left)?$", line));
    }

    private static double Number(JsonElement line, string name) => line.GetProperty(name).GetDouble();

    private static void CheckMachine(JsonElement machine)
    {
        Assert.Equal(MachineFields, machine.EnumerateObject().Select(p => p.Name));
        Assert.Equal(DeviceCatalog.List()[0].Hardware, machine.GetProperty("processor").GetString());
        Assert.Equal(Environment.ProcessorCount, machine.GetProperty("cores").GetInt32());
        Assert.Equal(JsonValueKind.Array, machine.GetProperty("instruction_sets").ValueKind);
        Assert.Equal((JsonValueKind.Null, JsonValueKind.Null), (machine.GetProperty("gpu").ValueKind, machine.GetProperty("driver").ValueKind));
        Assert.StartsWith(".NET 10", machine.GetProperty("runtime").GetString(), StringComparison.Ordinal);
        Assert.Matches(@"^\d+\.\d+\.\d+", machine.GetProperty("gpucrypt").GetString());
        Assert.NotEqual("", machine.GetProperty("os").GetString());
        // Tests of a debug build run a debug build.
        Assert.True(machine.GetProperty("optimized").ValueKind is JsonValueKind.True or JsonValueKind.False);
        Assert.True(machine.GetProperty("load").ValueKind is JsonValueKind.Number or JsonValueKind.Null);
    }
}
