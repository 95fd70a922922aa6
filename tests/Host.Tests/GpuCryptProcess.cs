using System.Diagnostics;
using System.Text;

namespace GpuCrypt.Host.Tests;

/// <summary>What one run of the program gave.</summary>
internal sealed record GpuCryptResult(int ExitCode, string Output, string Error)
{
    public string[] OutputLines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public string[] ErrorLines => Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}

/// <summary>Runs the built program as its users do, in a process of its own and bounded in time.</summary>
internal static class GpuCryptProcess
{
    private static readonly TimeSpan DefaultLimit = TimeSpan.FromSeconds(60);

    /// <summary>Runs the program to its end with nothing but arguments.</summary>
    public static Task<GpuCryptResult> RunAsync(params string[] arguments) => RunAsync((IEnumerable<string>)arguments);

    /// <summary>Runs the program to its end.</summary>
    /// <param name="arguments">The arguments.</param>
    /// <param name="environment">Variables to set, or to remove where the value is null. The caller's GPUCRYPT_ variables are not passed on.</param>
    /// <param name="input">Standard input; at its end at once when null.</param>
    /// <param name="folder">The working folder.</param>
    /// <param name="limit">After this time the program is killed and the test fails; a minute when null.</param>
    public static async Task<GpuCryptResult> RunAsync(
        IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null, string? input = null, string? folder = null, TimeSpan? limit = null)
    {
        using Process process = Start(arguments, environment, folder);
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        using var timeout = new CancellationTokenSource(limit ?? DefaultLimit);
        try
        {
            if (input is not null)
                await process.StandardInput.WriteAsync(input.AsMemory(), timeout.Token);
            process.StandardInput.Close();
            await process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"gpucrypt {string.Join(' ', arguments)} was not done in time. Output: {await output} Error: {await error}");
        }

        return new GpuCryptResult(process.ExitCode, await output, await error);
    }

    /// <summary>Starts the program with its three streams redirected; the caller ends and disposes it.</summary>
    public static Process Start(IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null, string? folder = null)
    {
        string program = typeof(ExitCodes).Assembly.Location;
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [program, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
            WorkingDirectory = folder ?? "",
        };
        foreach (string name in start.Environment.Keys.Where(k => k.StartsWith("GPUCRYPT_", StringComparison.Ordinal)).ToArray())
            start.Environment.Remove(name);
        foreach ((string name, string? value) in environment ?? new Dictionary<string, string?>())
        {
            if (value is null)
                start.Environment.Remove(name);
            else
                start.Environment[name] = value;
        }

        return Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start.");
    }
}
