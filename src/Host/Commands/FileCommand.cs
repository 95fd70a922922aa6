using System.CommandLine;
using System.Runtime.InteropServices;
using GpuCrypt.Host.Keyrings;
using GpuCrypt.Host.Pipeline;
using GpuCrypt.Ingest.Files;
using GpuCrypt.Kernels.Batches;
using GpuCrypt.Kernels.Devices;

namespace GpuCrypt.Host.Commands;

/// <summary>What <c>encrypt</c> and <c>decrypt</c> do: keyring, device, a file through the pipeline, a result.</summary>
internal static class FileCommand
{
    /// <summary>Runs the command.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(FileCommandOptions options, ParseResult result, BatchOperation operation, IvSource ivSource, CancellationToken cancellation)
    {
        FileCommandArguments arguments = options.Read(result);
        using Keyring keyring = options.Keyring.Open(result);
        SecretPath path = keyring.Path(arguments.SecretPath);
        bool encrypts = operation != BatchOperation.Decrypt;
        using KeyUsage? usage = encrypts ? KeyUsage.Open(KeyUsage.FileOf(keyring.File)) : null;
        using var cache = new KeyCache(usage, ivSource);
        using IVectorDevice device = DeviceOpener.OpenNamed(arguments.Device, arguments.Threads);

        using var interrupt = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using PosixSignalRegistration onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using PosixSignalRegistration onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using PosixSignalRegistration onHangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);

        TextWriter error = result.InvocationConfiguration.Error;
        var progress = new ProgressReporter(error, options.Verb, ReferenceEquals(error, Console.Error) && !Console.IsErrorRedirected);
        var settings = new FileSettings { Operation = operation, Json = arguments.Fields, Overwrite = arguments.Force };
        FileCommandResult outcome;
        try
        {
            var keys = new FileKeys(cache, path, arguments.Tenant, arguments.DerivationPath);
            (IVectorFileReader reader, IVectorFileWriter writer) = VectorFile.Open(arguments.Input, arguments.Output, settings, keys);
            await using (reader.ConfigureAwait(false))
            await using (writer.ConfigureAwait(false))
            {
                var pipeline = new FilePipeline(device, operation, ivSource);
                await pipeline.RunAsync(reader, writer, progress, interrupt.Token).ConfigureAwait(false);
                await writer.CompleteAsync(interrupt.Token).ConfigureAwait(false);
                outcome = new FileCommandResult(options.Verb, arguments, operation, device.Description.Name, writer.RowsDone, writer.RowsRejected, reader.TotalBytes, progress.Elapsed);
            }
        }
        catch (OperationCanceledException exception) when (interrupt.IsCancellationRequested)
        {
            throw new CommandFailedException($"{arguments.Output}: interrupted; nothing was written.", ExitCodes.Failed, exception);
        }
        finally
        {
            progress.Finish();
        }

        foreach (KeyUsageWarning warning in usage?.TakeWarnings() ?? [])
            await error.WriteLineAsync($"gpucrypt: {warning}").ConfigureAwait(false);
        outcome.WriteTo(result.InvocationConfiguration.Output);
        return outcome.Rejected > 0 ? ExitCodes.SomeRejected : ExitCodes.Done;

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            interrupt.Cancel();
        }
    }
}
