using GpuCrypt.Kernels.Devices;

namespace GpuCrypt.Host.Service.Configuration;

/// <summary>What settings may ask of the machine.</summary>
/// <param name="Devices">The names of its devices; asked only where settings name one.</param>
/// <param name="MemoryBytes">The memory that the process may use: the machine's, or its container's limit.</param>
internal sealed record SettingsMachine(Func<IEnumerable<string>> Devices, long MemoryBytes)
{
    /// <summary>The machine that this process runs on.</summary>
    public static SettingsMachine Own() => new(() => DeviceCatalog.List().Select(device => device.Name), GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
}
