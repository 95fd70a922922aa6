using System.CommandLine;
using GpuCrypt.Kernels.Batches;

namespace GpuCrypt.Host.Commands;

/// <summary><c>gpucrypt encrypt IN OUT</c>: encrypts a file of vectors.</summary>
internal static class EncryptCommand
{
    public static Command Create()
    {
        var options = new FileCommandOptions("encrypt");
        var oneWay = new Option<bool>("--one-way")
        {
            Description = "Write no metadata and forget the IVs: nobody can decrypt the output, not even with the key. For exporting training data.",
        };
        var iv = new Option<string>("--iv")
        {
            Description = "Where IVs come from: random, or synthetic (from the key, the row's id or number, and its values, so that a second run gives the same output).",
            HelpName = "random|synthetic",
            DefaultValueFactory = _ => "random",
        };
        iv.AcceptOnlyFromAmong("random", "synthetic");
        var command = new Command(
            "encrypt",
            "Encrypt the vectors of a .npy, .fvecs or .jsonl file. The metadata that decryption needs goes beside a binary file (OUT.meta) and into a field of each .jsonl record.")
        {
            oneWay,
            iv,
        };
        options.AddTo(command);
        command.SetAction((result, cancellation) =>
        {
            bool forget = result.GetValue(oneWay);
            bool synthetic = result.GetValue(iv) == "synthetic";
            // An IV that can be computed again is not forgotten.
            if (forget && synthetic)
                throw CommandFailedException.Usage("--one-way forgets the IVs, and synthetic ones can be computed again: leave out --iv synthetic.");
            BatchOperation operation = forget ? BatchOperation.EncryptOneWay : BatchOperation.Encrypt;
            return FileCommand.RunAsync(options, result, operation, synthetic ? IvSource.Synthetic : IvSource.Random, cancellation);
        });
        return command;
    }
}
