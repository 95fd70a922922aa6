using System.Runtime.InteropServices;

namespace GpuCrypt.Kernels.Devices.Cpu;

/// <summary>The processor's own name.</summary>
internal static class ProcessorName
{
    /// <summary>As the operating system tells it, or the architecture where it does not.</summary>
    public static string Value { get; } = Read();

    private static string Read()
    {
        try
        {
            foreach (string line in File.ReadLines("/proc/cpuinfo"))
            {
                if (line.StartsWith("model name", StringComparison.Ordinal) && line.IndexOf(':', StringComparison.Ordinal) is > 0 and int colon)
                    return line[(colon + 1)..].Trim();
            }
        }
        catch (IOException)
        {
            // Not Linux.
        }
        catch (UnauthorizedAccessException)
        {
            // A sandbox that hides it.
        }

        return RuntimeInformation.ProcessArchitecture.ToString();
    }
}
