using System.CommandLine;
using GpuCrypt.Kernels.Batches;

namespace GpuCrypt.Host.Commands;

/// <summary><c>gpucrypt decrypt IN OUT</c>: decrypts a file of vectors.</summary>
internal static class DecryptCommand
{
    public static Command Create()
    {
        var options = new FileCommandOptions("decrypt");
        var command = new Command(
            "decrypt",
            "Decrypt the vectors of a .npy, .fvecs or .jsonl file with the metadata beside it (IN.meta) or in its records. OUT is readable by its owner alone.");
        options.AddTo(command);
        command.SetAction((result, cancellation) => FileCommand.RunAsync(options, result, BatchOperation.Decrypt, IvSource.Given, cancellation));
        return command;
    }
}
