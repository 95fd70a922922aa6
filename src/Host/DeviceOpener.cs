using GpuCrypt.Kernels.Conformance;
using GpuCrypt.Kernels.Devices;

namespace GpuCrypt.Host;

/// <summary>Opens devices for commands that trust them with data. Stateless.</summary>
internal static class DeviceOpener
{
    /// <summary>Opens a device and has it reproduce the built-in vectors.</summary>
    /// <param name="name"><c>auto</c> or a device's name.</param>
    /// <param name="threads">Worker threads of a CPU device; 0 for one a core.</param>
    /// <returns>The device; the caller disposes it.</returns>
    /// <exception cref="DeviceException">There is no such device here, or it fails its self-test.</exception>
    public static IVectorDevice Open(string name, int threads)
    {
        IVectorDevice device = DeviceCatalog.Open(name, threads);
        foreach (ConformanceFile file in ConformanceFile.BuiltIn())
        {
            ConformanceResult result = ConformanceCheck.Run(device, file);
            if (result.Passed)
                continue;
            device.Dispose();
            throw new DeviceException($"device {name} fails its self-test ({result.File}, {result.FirstMismatch}): choose another with --device");
        }

        return device;
    }

    /// <summary>As <see cref="Open"/>, for the device that a command line names: one that cannot be used is then wrong usage.</summary>
    /// <exception cref="CommandFailedException">The device that was named is not there, or fails its self-test.</exception>
    /// <exception cref="DeviceException">So does the one that <c>auto</c> takes.</exception>
    public static IVectorDevice OpenNamed(string name, int threads)
    {
        try
        {
            return Open(name, threads);
        }
        catch (DeviceException exception) when (name != DeviceCatalog.Auto)
        {
            throw new CommandFailedException(exception.Message, ExitCodes.Usage, exception);
        }
    }
}
