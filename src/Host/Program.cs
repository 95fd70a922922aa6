using System.CommandLine;
using GpuCrypt.Host.Commands;

namespace GpuCrypt.Host;

internal static class Program
{
    /// <summary>All commands: one line each, one file each under Commands.</summary>
    internal static RootCommand CreateRootCommand() =>
        new("Encrypts vector embeddings so that nearest neighbours stay nearest, as they stream through Kafka or in bulk.")
        {
            DemoCommand.Create(),
            ServeCommand.Create(),
            EncryptCommand.Create(),
            DecryptCommand.Create(),
            KeysCommand.Create(),
            DevicesCommand.Create(),
            SelftestCommand.Create(),
            BenchCommand.Create(),
        };

    private static Task<int> Main(string[] args) => CommandLine.RunAsync(CreateRootCommand(), args, Console.Out, Console.Error);
}
