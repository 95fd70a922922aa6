using System.Globalization;

namespace GpuCrypt.Perf.Floor;

/// <summary>What is compared with the floor.</summary>
/// <param name="Devices">Names of CPU devices.</param>
/// <param name="Rows">Rows of a batch.</param>
/// <param name="Dimensions">The elements of a vector.</param>
/// <param name="Repeats">Slices of each figure.</param>
/// <param name="Slice">Seconds of processor time of a slice.</param>
internal sealed record FloorOptions(IReadOnlyList<string> Devices, IReadOnlyList<int> Rows, IReadOnlyList<int> Dimensions, int Repeats, double Slice)
{
    /// <summary>The command that compares the same.</summary>
    public string CommandLine => string.Create(
        CultureInfo.InvariantCulture,
        $"dotnet run -c Release --project perf -- {FloorCommand.Name} --device {string.Join(' ', Devices)} --rows {string.Join(' ', Rows)} --repeats {Repeats} --slice {Slice} --dimension {string.Join(' ', Dimensions)}");
}
