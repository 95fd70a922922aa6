using GpuCrypt.Kernels.Devices.Cpu;

namespace GpuCrypt.Kernels.Devices;

/// <summary>The devices of this machine, by name.</summary>
public static class DeviceCatalog
{
    /// <summary>The name that stands for the fastest device that is there.</summary>
    public const string Auto = "auto";

    /// <summary>Lists every device that this machine can use. Opens none.</summary>
    public static IReadOnlyList<DeviceDescription> List() => [.. CpuPaths.Available().Select(path => CpuDevice.Describe(path, Environment.ProcessorCount))];

    /// <summary>Opens a device.</summary>
    /// <param name="name"><c>auto</c>, or a name from <see cref="List"/>.</param>
    /// <param name="threads">Worker threads of a CPU device; 0 for one a core.</param>
    /// <exception cref="DeviceException">There is no such device here.</exception>
    public static IVectorDevice Open(string name = Auto, int threads = 0)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        if (name == Auto)
            name = "cpu";
        if (CpuPaths.TryParse(name, out CpuPath path))
        {
            if (!CpuPaths.IsSupported(path))
                throw new DeviceException($"device {name}: this processor lacks {CpuPaths.Requirement(path)}; choose one of: {string.Join(", ", List().Select(d => d.Name))}");
            return new CpuDevice(path, threads);
        }

        throw new DeviceException($"device {name}: unknown; choose auto or one of: {string.Join(", ", List().Select(d => d.Name))}");
    }
}
