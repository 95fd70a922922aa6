using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace GpuCrypt.Perf.Floor;

/// <summary>The <c>openssl</c> program as a yardstick.</summary>
internal static partial class OpenSsl
{
    /// <summary>What <c>openssl version</c> says.</summary>
    public static string Version() => Run("version").Output.Trim();

    /// <summary>Seconds to encrypt a number of bytes with ChaCha20, from one slice of a second.</summary>
    public static double ChaCha20(int bytes) => Speed(bytes, "-evp", "chacha20");

    /// <summary>Seconds to authenticate a number of bytes with HMAC-SHA256, from one slice of a second.</summary>
    public static double HmacSha256(int bytes) => Speed(bytes, "-hmac", "sha256");

    private static double Speed(int bytes, string kind, string name)
    {
        (string output, string error) = Run("speed", "-seconds", "1", kind, name, "-bytes", bytes.ToString(CultureInfo.InvariantCulture));
        Match rate = Rate().Match(output);
        if (!rate.Success)
            throw new InvalidOperationException($"openssl speed {kind} {name}: expected a line that ends in a rate such as 1234.56k, found: {output.Trim()} {error.Trim()}");
        // Thousands of bytes a second of processor time.
        return bytes / (double.Parse(rate.Groups[1].Value, CultureInfo.InvariantCulture) * 1000.0);
    }

    private static (string Output, string Error) Run(params string[] arguments)
    {
        var start = new ProcessStartInfo("openssl", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        // A few lines on either: neither pipe fills up.
        string output = process.StandardOutput.ReadToEnd(), error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"openssl {string.Join(' ', arguments)}: expected exit code 0, found {process.ExitCode}: {error.Trim()}");
        return (output, error);
    }

    [GeneratedRegex(@"([0-9]+\.[0-9]+)k\s*$")]
    private static partial Regex Rate();
}
