namespace GpuCrypt.Host.Commands;

/// <summary>Columns for people: each as wide as its longest cell, two spaces between, no wrapping, so that a pipe gets whole lines.</summary>
internal static class TextTable
{
    /// <summary>Writes rows of equally many cells, one line each. Numbers are aligned right when their column is named in <paramref name="right"/>.</summary>
    public static void Write(TextWriter output, IReadOnlyList<string[]> rows, params ReadOnlySpan<int> right)
    {
        int[] widths = [.. rows[0].Select((_, column) => rows.Max(row => row[column].Length))];
        foreach (string[] row in rows)
        {
            string[] cells = new string[row.Length];
            for (int column = 0; column < row.Length; column++)
                cells[column] = right.Contains(column) ? row[column].PadLeft(widths[column]) : row[column].PadRight(widths[column]);
            output.WriteLine(string.Join("  ", cells).TrimEnd());
        }
    }
}
