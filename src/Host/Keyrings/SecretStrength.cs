namespace GpuCrypt.Host.Keyrings;

/// <summary>Finds secrets that were typed or made up. What it cannot find: a secret that others know.</summary>
internal static class SecretStrength
{
    // 32 random bytes have 30.1 different values on average; fewer than 16 come about once in 2^80.
    private const int FewestValues = 16;

    /// <summary>What is weak about a secret, as the end of a sentence; null when nothing shows.</summary>
    public static string? Weakness(ReadOnlySpan<byte> secret)
    {
        Span<bool> seen = stackalloc bool[256];
        int values = 0;
        bool printable = true, series = true;
        for (int i = 0; i < secret.Length; i++)
        {
            values += seen[secret[i]] ? 0 : 1;
            seen[secret[i]] = true;
            printable &= secret[i] is >= 0x20 and < 0x7F;
            series &= i < 2 || (byte)(secret[i] - secret[i - 1]) == (byte)(secret[1] - secret[0]);
        }

        if (series)
            return "is a series of equal steps";
        if (printable)
            return "is printable text, not random bytes";
        return values < FewestValues ? $"has only {values} different byte values in {secret.Length} bytes" : null;
    }
}
