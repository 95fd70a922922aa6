using System.Text;
using GpuCrypt.Host.Demo;

namespace GpuCrypt.Host.Tests.Demo;

public sealed class SampleSetTests
{
    private static readonly SampleSet Samples = SampleSet.Load();

    // lexnames(5WN), all 45.
    private static readonly HashSet<string> Categories =
    [
        "adj.all", "adj.pert", "adv.all", "noun.Tops", "noun.act", "noun.animal", "noun.artifact", "noun.attribute", "noun.body",
        "noun.cognition", "noun.communication", "noun.event", "noun.feeling", "noun.food", "noun.group", "noun.location", "noun.motive",
        "noun.object", "noun.person", "noun.phenomenon", "noun.plant", "noun.possession", "noun.process", "noun.quantity", "noun.relation",
        "noun.shape", "noun.state", "noun.substance", "noun.time", "verb.body", "verb.change", "verb.cognition", "verb.communication",
        "verb.competition", "verb.consumption", "verb.contact", "verb.creation", "verb.emotion", "verb.motion", "verb.perception",
        "verb.possession", "verb.social", "verb.stative", "verb.weather", "adj.ppl",
    ];

    [Fact]
    public void Words_labels_and_vectors_are_as_many_as_the_set_says()
    {
        Assert.Equal(16_000, Samples.Count);
        Assert.Equal(128, Samples.Dimension);
        Assert.Equal(Samples.Count, Samples.Words.Count);
        Assert.Equal(Samples.Count, Samples.Labels.Count);
        Assert.Equal(Samples.Count * Samples.Dimension, Samples.Vectors.Length);
    }

    [Fact]
    public void Every_vector_has_unit_length_within_the_rounding_of_float16()
    {
        for (int row = 0; row < Samples.Count; row++)
        {
            double square = 0;
            foreach (float element in Samples.Row(row))
            {
                square += (double)element * element;
            }
            // Each element is off by at most 2^-11 of itself, and so is the norm.
            Assert.True(Math.Abs(Math.Sqrt(square) - 1) <= Math.ScaleB(1, -11), $"row {row} ({Samples.Words[row]}) has norm {Math.Sqrt(square)}");
        }
    }

    [Fact]
    public void Vectors_differ_from_word_to_word() =>
        Assert.Equal(Samples.Count, Enumerable.Range(0, Samples.Count).Select(row => string.Join(' ', Samples.Row(row).ToArray())).Distinct().Count());

    [Fact]
    public void Every_label_is_a_category_of_WordNet() =>
        Assert.Empty(Samples.Labels.Distinct().Except(Categories));

    [Theory]
    [InlineData("dog", "noun.animal")]
    [InlineData("piano", "noun.artifact")]
    [InlineData("Paris", "noun.location")]
    [InlineData("Monday", "noun.time")]
    [InlineData("ice cream", "noun.food")]
    [InlineData("anger", "noun.feeling")]
    [InlineData("eat", "verb.consumption")]
    [InlineData("happy", "adj.all")]
    public void A_word_carries_the_category_of_its_most_frequent_sense(string word, string label) =>
        Assert.Equal(label, Samples.Labels[Samples.RowOf(word)]);

    [Fact]
    public void Every_word_is_found_at_its_own_row()
    {
        for (int row = 0; row < Samples.Count; row++)
        {
            Assert.Equal(row, Samples.RowOf(Samples.Words[row]));
        }
        Assert.Equal(-1, Samples.RowOf("no such word"));
    }

    [Theory]
    [InlineData("dog", "hound", "terrier")]
    [InlineData("violin", "cello", "guitar")]
    [InlineData("Monday", "Tuesday", "Thursday")]
    [InlineData("anger", "wrath", "indignation")]
    [InlineData("teacher", "instructor", "tutor")]
    [InlineData("red", "scarlet", "yellow")]
    public void The_ten_nearest_words_are_those_a_reader_expects(string word, string first, string second)
    {
        int[] nearest = NearestNeighbours.Find(Samples.Vectors, Samples.Dimension, Samples.RowOf(word), 10);
        string[] words = [.. nearest.Select(row => Samples.Words[row])];
        Assert.Contains(first, words);
        Assert.Contains(second, words);
    }

    [Fact]
    public void Nearest_words_share_a_category_far_more_often_than_chance()
    {
        // Two words drawn at random share one in about 7 % of cases.
        int[] queryRows = [.. Enumerable.Range(0, 500).Select(i => i * 32)];
        int[][] nearest = NearestNeighbours.FindAll(Samples.Vectors, Samples.Dimension, queryRows, 10);
        double shared = queryRows.Zip(nearest, (query, rows) => rows.Count(row => Samples.Labels[row] == Samples.Labels[query]) / 10.0).Average();
        Assert.True(shared > 0.35, $"{shared:P1} of the nearest words share the category");
    }

    [Fact]
    public void An_npy_file_of_float16_is_read_row_by_row()
    {
        byte[] file = Npy("{'descr': '<f2', 'fortran_order': False, 'shape': (2, 3), }", [1, 2, 3, -4, 0.5f, 65504]);
        (Half[] elements, int rows, int dimension) = Float16Npy.Read(new MemoryStream(file), "a.npy");
        Assert.Equal([1, 2, 3, -4, 0.5f, 65504], elements.Select(element => (float)element));
        Assert.Equal((2, 3), (rows, dimension));
    }

    [Theory]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", 6)]
    [InlineData("{'descr': '<f2', 'fortran_order': True, 'shape': (2, 3), }", 6)]
    [InlineData("{'descr': '<f2', 'fortran_order': False, 'shape': (6,), }", 6)]
    [InlineData("{'descr': '<f2', 'fortran_order': False, 'shape': (99999999999, 3), }", 6)]
    [InlineData("{'descr': '<f2', 'fortran_order': False, 'shape': (2, 3), }", 5)]
    [InlineData("{'descr': '<f2', 'fortran_order': False, 'shape': (2, 3), }", 7)]
    public void Another_kind_or_size_of_npy_file_is_refused_by_name(string header, int elements)
    {
        byte[] file = Npy(header, new float[elements]);
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => Float16Npy.Read(new MemoryStream(file), "a.npy"));
        Assert.StartsWith("a.npy: expected", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(9)]
    [InlineData(40)]
    public void An_npy_file_that_ends_in_its_header_is_refused(int length)
    {
        byte[] file = Npy("{'descr': '<f2', 'fortran_order': False, 'shape': (2, 3), }", new float[6])[..length];
        Assert.Throws<InvalidDataException>(() => Float16Npy.Read(new MemoryStream(file), "a.npy"));
    }

    private static byte[] Npy(string header, float[] elements)
    {
        using var file = new MemoryStream();
        using var writer = new BinaryWriter(file);
        writer.Write([0x93, .. "NUMPY"u8, 1, 0]);
        writer.Write((ushort)(header.Length + 1));
        writer.Write(Encoding.ASCII.GetBytes(header + "\n"));
        foreach (float element in elements)
        {
            writer.Write((Half)element);
        }
        return file.ToArray();
    }
}
