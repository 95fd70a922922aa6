using System.Text;

namespace GpuCrypt.Host.Demo;

/// <summary>
/// The sample embeddings that the program carries (samples/README.md): words, their WordNet categories and their word vectors, in the same order.
/// Immutable once loaded, so any number of threads may read one instance.
/// </summary>
internal sealed class SampleSet
{
    private const string ResourcePrefix = "samples/wordnet-words";

    private readonly string[] _words;
    private readonly string[] _labels;
    private readonly float[] _vectors;
    private readonly Dictionary<string, int> _rows;

    private SampleSet(string[] words, string[] labels, float[] vectors, int dimension)
    {
        _words = words;
        _labels = labels;
        _vectors = vectors;
        Dimension = dimension;
        _rows = new Dictionary<string, int>(words.Length, StringComparer.Ordinal);
        for (int row = 0; row < words.Length; row++)
        {
            if (!_rows.TryAdd(words[row], row))
            {
                throw new InvalidDataException($"{ResourcePrefix}.txt, line {row + 1}: the word '{words[row]}' is there a second time; make the samples again with samples/make-samples.sh");
            }
        }
    }

    /// <summary>Number of words n.</summary>
    public int Count => _words.Length;

    /// <summary>Elements in each vector, d.</summary>
    public int Dimension { get; }

    /// <summary>The n words, each once, as they are spelled in a text ("dog", "ice cream", "Paris").</summary>
    public IReadOnlyList<string> Words => _words;

    /// <summary>The n labels: WordNet's category (lexicographer file, such as noun.animal) of each word's most frequent sense.</summary>
    public IReadOnlyList<string> Labels => _labels;

    /// <summary>The vectors, n × d, row by row, each of unit length within float16's rounding (2^-11 of each element).</summary>
    public ReadOnlyMemory<float> Vectors => _vectors;

    /// <summary>One word's vector, d elements.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="row"/> is not one of the <see cref="Count"/> rows.</exception>
    public ReadOnlySpan<float> Row(int row)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, Count);
        return _vectors.AsSpan(row * Dimension, Dimension);
    }

    /// <summary>The row of a word, or -1 where it is not among the samples. Upper and lower case matter.</summary>
    public int RowOf(string word) => _rows.GetValueOrDefault(word, -1);

    /// <summary>Reads the samples out of the program's own resources.</summary>
    /// <exception cref="InvalidDataException">The three sample files do not fit together: the build embedded files of different runs.</exception>
    public static SampleSet Load()
    {
        using Stream npy = Open(".npy");
        (Half[] elements, int rows, int dimension) = Float16Npy.Read(npy, ResourcePrefix + ".npy");
        string[] words = ReadLines(".txt", rows);
        string[] labels = ReadLines(".labels.txt", rows);
        float[] vectors = new float[elements.Length];
        for (int i = 0; i < vectors.Length; i++)
        {
            vectors[i] = (float)elements[i];
        }
        return new SampleSet(words, labels, vectors, dimension);
    }

    private static string[] ReadLines(string suffix, int expected)
    {
        using var reader = new StreamReader(Open(suffix), Encoding.UTF8);
        var lines = new List<string>(expected);
        while (reader.ReadLine() is { } line)
        {
            lines.Add(line);
        }
        if (lines.Count != expected)
        {
            throw new InvalidDataException($"{ResourcePrefix}{suffix}: expected {expected} lines, as many as {ResourcePrefix}.npy has rows, found {lines.Count}; make the samples again with samples/make-samples.sh");
        }
        return [.. lines];
    }

    private static Stream Open(string suffix) =>
        typeof(SampleSet).Assembly.GetManifestResourceStream(ResourcePrefix + suffix)
        ?? throw new InvalidDataException($"{ResourcePrefix}{suffix}: not among this program's resources; build it again");
}
