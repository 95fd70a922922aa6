using GpuCrypt.Ingest.Formats;

namespace GpuCrypt.Host.Demo;

/// <summary>
/// The sample embeddings that the program carries (samples/README.md): words, their WordNet categories and their word vectors, in the same order.
/// Immutable once loaded, so any number of threads may read one instance.
/// </summary>
internal sealed class SampleSet
{
    private const string ResourcePrefix = "samples/wordnet-words";
    private const string LicenceResource = "samples/WORDNET-LICENSE.txt";

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
                throw Unusable(".txt", $"line {row + 1}: expected each word once, found '{words[row]}' again");
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

    /// <summary>WordNet's licence and copyright notice, which goes with every copy of the samples.</summary>
    public static string LicenceNotice()
    {
        using var reader = new StreamReader(OpenResource(LicenceResource));
        return reader.ReadToEnd();
    }

    /// <summary>Reads the samples out of the program's own resources.</summary>
    /// <exception cref="InvalidDataException">The three sample files do not fit together: the build embedded files of different runs.</exception>
    public static SampleSet Load()
    {
        using Stream vectors = OpenResource(ResourcePrefix + ".npy");
        using var words = new StreamReader(OpenResource(ResourcePrefix + ".txt"));
        using var labels = new StreamReader(OpenResource(ResourcePrefix + ".labels.txt"));
        return Read(vectors, words, labels);
    }

    /// <summary>Reads samples.</summary>
    /// <param name="vectors">A .npy table of n rows, stored row by row, read to its end.</param>
    /// <param name="words">n lines, each another word.</param>
    /// <param name="labels">n lines.</param>
    /// <exception cref="InvalidDataException">One of the three is not of this form, or their lengths differ.</exception>
    internal static SampleSet Read(Stream vectors, TextReader words, TextReader labels)
    {
        using var buffer = new MemoryStream();
        vectors.CopyTo(buffer);
        ReadOnlySpan<byte> npy = buffer.GetBuffer().AsSpan(0, (int)buffer.Length);
        if (!NpyHeader.TryRead(npy, out NpyHeader header, out Rejection rejection))
        {
            throw Unusable(".npy", rejection.Detail());
        }
        if (header.OneDimensional || header.FortranOrder || header.Dimension == 0)
        {
            throw Unusable(".npy", "expected a table of vectors stored row by row, found another shape or order");
        }
        if (npy.Length - header.Size != header.DataSize)
        {
            throw Unusable(".npy", $"expected {header.DataSize} bytes of elements, found {npy.Length - header.Size}");
        }
        float[] elements = new float[header.Rows * header.Dimension];
        int bad = FloatConversion.ToSingle(header.Type, header.BigEndian, npy[header.Size..], elements);
        if (bad >= 0)
        {
            throw Unusable(".npy", $"row {bad / header.Dimension}, element {bad % header.Dimension}: expected a finite number, found NaN or infinity");
        }
        return new SampleSet(ReadLines(words, ".txt", header.Rows), ReadLines(labels, ".labels.txt", header.Rows), elements, header.Dimension);
    }

    private static string[] ReadLines(TextReader reader, string suffix, long expected)
    {
        var lines = new List<string>();
        while (reader.ReadLine() is { } line)
        {
            lines.Add(line);
        }
        return lines.Count == expected ? [.. lines] : throw Unusable(suffix, $"expected {expected} lines, one for each vector, found {lines.Count}");
    }

    private static Stream OpenResource(string name) =>
        typeof(SampleSet).Assembly.GetManifestResourceStream(name) ?? throw new InvalidDataException($"{name}: expected it among the program's resources, found none; build the program again");

    private static InvalidDataException Unusable(string suffix, string what) =>
        new($"{ResourcePrefix}{suffix}: {what}; make the samples again with samples/make-samples.sh and build the program again");
}
