using System.Globalization;

namespace GpuCrypt.Host.Service.Configuration;

/// <summary>What a text has to look like.</summary>
/// <param name="Description">The texts that are accepted, in words.</param>
/// <param name="Accepts">Whether a text is accepted.</param>
/// <param name="IsWithheld">Whether errors must not show what was found, because a secret may have been put there by mistake.</param>
/// <param name="IsSecret">Whether the text may hold a secret rightly, so that it is never printed.</param>
internal sealed record TextRule(string Description, Func<string, bool> Accepts, bool IsWithheld = false, bool IsSecret = false)
{
    private const int TopicLength = 249;

    /// <summary>Anything on one line.</summary>
    public static TextRule Line { get; } = new("a text (one line, not empty)", IsLine);

    /// <summary>The path of a file.</summary>
    public static TextRule File { get; } = new("the path of a file", IsLine);

    /// <summary>The path of a file with a secret in it.</summary>
    public static TextRule SecretFile { get; } = new("the path of a file", IsLine, IsWithheld: true);

    /// <summary>The name of an environment variable that holds a secret.</summary>
    public static TextRule SecretVariable { get; } = new("the name of an environment variable", IsVariable, IsWithheld: true);

    /// <summary>A shell command, which may have a secret among its arguments.</summary>
    public static TextRule Command { get; } = new("a command for /bin/sh", IsLine, IsWithheld: true, IsSecret: true);

    /// <summary>A topic's name, as Kafka allows it.</summary>
    public static TextRule Topic { get; } = new($"a topic name (1 to {TopicLength} letters, digits, '.', '_' and '-')", IsTopic);

    /// <summary>Brokers with or without ports.</summary>
    public static TextRule Servers { get; } = new("host:port, or several separated by commas", AreServers);

    /// <summary>Whether Kafka takes a name for a topic.</summary>
    public static bool IsTopic(string text) =>
        text.Length is > 0 and <= TopicLength && text is not ("." or "..") && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    private static bool IsLine(string text) => text.Length > 0 && !text.Any(char.IsControl);

    private static bool IsVariable(string text) =>
        text.Length > 0 && !char.IsAsciiDigit(text[0]) && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');

    private static bool AreServers(string text) => text.Length > 0 && text.Split(',').All(IsServer);

    private static bool IsServer(string text)
    {
        // librdkafka takes a protocol in front, for what it is worth: PLAINTEXT://host:port.
        int protocol = text.IndexOf("://", StringComparison.Ordinal);
        ReadOnlySpan<char> server = text.AsSpan(protocol < 0 ? 0 : protocol + 3).Trim(' ');
        int host = server.StartsWith('[') ? server.IndexOf(']') + 1 : server.IndexOf(':') is var colon && colon < 0 ? server.Length : colon;
        if (host == 0 || text.Any(char.IsControl) || server.IndexOfAny(" /\"'") >= 0)
            return false;
        return host == server.Length
            || (server[host] == ':' && ushort.TryParse(server[(host + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) && port > 0);
    }
}
