using System.CommandLine;

namespace GpuCrypt.Host.Commands;

/// <summary><c>gpucrypt keys</c>: makes keyrings and looks after them.</summary>
internal static class KeysCommand
{
    public static Command Create() => new("keys", "Make keyrings and look after them.");
}
