using System.Security.Cryptography;
using System.Text;

namespace GpuCrypt.Host.Keyrings;

/// <summary>Asks a person for a passphrase without showing it.</summary>
internal static class PassphrasePrompt
{
    private const int MaximumLength = 1024;

    /// <summary>True when there is a person to ask.</summary>
    public static bool IsPossible => !Console.IsInputRedirected && !Console.IsErrorRedirected;

    /// <summary>Asks, twice when <paramref name="confirm"/> is set.</summary>
    /// <exception cref="KeyringException">The two answers differ, or the person gave up.</exception>
    public static SecretBytes Read(TextWriter prompt, bool confirm)
    {
        SecretBytes first = ReadOnce(prompt, "Passphrase: ");
        if (!confirm)
            return first;
        using SecretBytes second = ReadOnce(prompt, "The same again: ");
        if (CryptographicOperations.FixedTimeEquals(first.Span, second.Span))
            return first;
        first.Dispose();
        throw new KeyringException("The two passphrases differ; nothing was changed.");
    }

    private static SecretBytes ReadOnce(TextWriter prompt, string question)
    {
        prompt.Write(question);
        char[] typed = GC.AllocateArray<char>(MaximumLength, pinned: true);
        int length = 0;
        try
        {
            for (ConsoleKeyInfo key; (key = Console.ReadKey(intercept: true)).Key != ConsoleKey.Enter;)
            {
                if (key.Key == ConsoleKey.Backspace)
                    length = Math.Max(0, length - 1);
                else if (key.KeyChar is '\u0003' or '\u0004')
                    throw new KeyringException("No passphrase was given.");
                else if (!char.IsControl(key.KeyChar) && length < MaximumLength)
                    typed[length++] = key.KeyChar;
            }

            var bytes = new SecretBytes(Encoding.UTF8.GetByteCount(typed, 0, length));
            Encoding.UTF8.GetBytes(typed.AsSpan(0, length), bytes.Span);
            return bytes;
        }
        finally
        {
            Array.Clear(typed);
            prompt.WriteLine();
        }
    }
}
