namespace GpuCrypt.Host;

internal static class Program
{
    private static int Main() => 0;
}
