using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using GpuCrypt.Host.Service;
using GpuCrypt.Host.Service.Configuration;

namespace GpuCrypt.Host.Commands;

/// <summary><c>gpucrypt serve</c>: encrypts records on their way from topic to topic, until it is told to stop.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        var config = new Option<string?>("--config", "-c")
        {
            Description = "The settings, a JSON file. Not needed when environment variables say everything.",
            HelpName = "FILE",
        };
        var embeddedBroker = new Option<bool>("--embedded-broker")
        {
            Description = "Run Kafka's protocol in the process, instead of using kafka.bootstrapServers: for trying things out; nothing is kept.",
        };
        var printConfig = new Option<bool>("--print-config")
        {
            Description = "Print every setting as it will be, secrets redacted, and start nothing.",
        };
        var helpMarkdown = new Option<bool>("--help-markdown") { Description = "Print docs/CONFIGURATION.md.", Hidden = true };
        var command = new Command("serve", "Encrypt records on their way from Kafka topic to Kafka topic.") { config, embeddedBroker, printConfig, helpMarkdown };
        var help = new HelpOption();
        help.Action = new ServeHelp((HelpAction)help.Action!);
        command.Options.Add(help);

        command.SetAction(async (result, cancellation) =>
        {
            TextWriter output = result.InvocationConfiguration.Output;
            if (result.GetValue(helpMarkdown))
            {
                await output.WriteAsync(SettingsPage.Create()).ConfigureAwait(false);
                return ExitCodes.Done;
            }

            bool embedded = result.GetValue(embeddedBroker);
            ServiceSettings settings = ServiceSettingsReader.Read(result.GetValue(config), ServiceSettingsReader.ProcessEnvironment(), embedded);
            if (result.GetValue(printConfig))
            {
                await output.WriteLineAsync(ServiceSettingsPrinter.Print(settings)).ConfigureAwait(false);
                return ExitCodes.Done;
            }

            using var signals = new StopSignals();
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(signals.Token, cancellation);
            return await StreamingService.RunAsync(settings, embedded, stop.Token).ConfigureAwait(false);
        });
        return command;
    }

    /// <summary>The usual help, then every setting.</summary>
    private sealed class ServeHelp(HelpAction usual) : SynchronousCommandLineAction
    {
        // Help is asked for, not stumbled upon: a missing or wrong option beside it does not matter.
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            usual.MaxWidth = SettingsHelp.Width;
            int code = usual.Invoke(parseResult);
            SettingsHelp.Write(parseResult.InvocationConfiguration.Output);
            return code;
        }
    }
}
