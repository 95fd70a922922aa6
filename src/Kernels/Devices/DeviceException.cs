namespace GpuCrypt.Kernels.Devices;

/// <summary>A device is not there, cannot be used, or failed while it worked.</summary>
public sealed class DeviceException : Exception
{
    /// <summary>Creates an exception without a message.</summary>
    public DeviceException()
    {
    }

    /// <summary>Creates an exception with one line that says what failed and what to do.</summary>
    public DeviceException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an exception with its cause.</summary>
    public DeviceException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
