namespace GpuCrypt.Host.Service.Configuration;

/// <summary>Finds the name that a mistyped one was probably meant to be.</summary>
internal static class NearestName
{
    /// <summary>The nearest of the known names, or null when none is near: at most a third of its letters away, case aside, or one the other's beginning.</summary>
    public static string? Find(string name, IEnumerable<string> known)
    {
        string? nearest = null;
        int best = int.MaxValue;
        // No name is this long; the comparison takes time and memory by length.
        if (name.Length > 256)
            return null;
        foreach (string candidate in known)
        {
            int distance = Distance(name.ToUpperInvariant(), candidate.ToUpperInvariant());
            if (distance < best && (distance <= Math.Max(1, candidate.Length / 3) || IsBeginning(name, candidate) || IsBeginning(candidate, name)))
            {
                best = distance;
                nearest = candidate;
            }
        }

        return nearest;
    }

    private static bool IsBeginning(string beginning, string name) => beginning.Length > 2 && name.StartsWith(beginning, StringComparison.OrdinalIgnoreCase);

    /// <summary>The least number of letters added, left out, replaced or swapped with their neighbour (optimal string alignment) that makes one text of the other.</summary>
    internal static int Distance(string a, string b)
    {
        int[] beforeLast = new int[b.Length + 1];
        int[] last = new int[b.Length + 1];
        int[] current = new int[b.Length + 1];
        for (int j = 0; j <= b.Length; j++)
            last[j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            current[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int replace = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                current[j] = Math.Min(replace, Math.Min(last[j], current[j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    current[j] = Math.Min(current[j], beforeLast[j - 2] + 1);
            }

            (beforeLast, last, current) = (last, current, beforeLast);
        }

        return last[b.Length];
    }
}
