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
        // Two words drawn at random share one in 6 % of cases.
        int[] queryRows = [.. Enumerable.Range(0, 500).Select(i => i * 32)];
        int[][] nearest = NearestNeighbours.FindAll(Samples.Vectors, Samples.Dimension, queryRows, 10);
        double shared = queryRows.Zip(nearest, (query, rows) => rows.Count(row => Samples.Labels[row] == Samples.Labels[query]) / 10.0).Average();
        Assert.True(shared > 0.35, $"{shared:P1} of the nearest words share the category");
    }

    [Fact]
    public void The_program_carries_the_notice_that_the_licence_asks_for()
    {
        Assert.StartsWith("This software and database is being provided to you", SampleSet.LicenceNotice(), StringComparison.Ordinal);
        Assert.Contains("WordNet 3.0 Copyright 2006 by Princeton University.  All rights reserved.", SampleSet.LicenceNotice(), StringComparison.Ordinal);
    }

    [Fact]
    public void Samples_are_read_in_the_order_of_their_files()
    {
        SampleSet set = Read(Table(2, 3, [1, 2, 3, -4, 0.5f, 65504]), "dog\nice cream\n", "noun.animal\nnoun.food\n");
        Assert.Equal((2, 3), (set.Count, set.Dimension));
        Assert.Equal(["dog", "ice cream"], set.Words);
        Assert.Equal(["noun.animal", "noun.food"], set.Labels);
        Assert.Equal([1, 2, 3, -4, 0.5f, 65504], set.Vectors.ToArray());
        Assert.Equal([-4, 0.5f, 65504], set.Row(1).ToArray());
        Assert.Equal(1, set.RowOf("ice cream"));
        Assert.Throws<ArgumentOutOfRangeException>(() => set.Row(2).Length);
    }

    [Theory]
    [InlineData("a\nb\nc\n", "x\ny\n", ".txt: expected 2 lines, one for each vector, found 3")]
    [InlineData("a\nb\n", "x\n", ".labels.txt: expected 2 lines, one for each vector, found 1")]
    [InlineData("a\na\n", "x\ny\n", ".txt: line 2: expected each word once, found 'a' again")]
    public void Words_and_labels_that_do_not_fit_the_vectors_are_refused(string words, string labels, string message)
    {
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => Read(Table(2, 3, new float[6]), words, labels));
        Assert.StartsWith("samples/wordnet-words" + message, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{'descr': '<f2', 'fortran_order': True, 'shape': (2, 3), }", 6, "stored row by row")]
    [InlineData("{'descr': '<f2', 'fortran_order': False, 'shape': (6,), }", 6, "stored row by row")]
    [InlineData("{'descr': '<i2', 'fortran_order': False, 'shape': (2, 3), }", 6, ".npy")]
    [InlineData("{'descr': '<f2', 'fortran_order': False, 'shape': (2, 3), }", 5, "expected 12 bytes of elements, found 10")]
    [InlineData("{'descr': '<f2', 'fortran_order': False, 'shape': (2, 3), }", 7, "expected 12 bytes of elements, found 14")]
    public void Vectors_of_another_form_or_size_are_refused(string header, int elements, string message)
    {
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => Read(Npy(header, new float[elements]), "a\nb\n", "x\ny\n"));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_vector_with_an_infinity_is_refused_with_its_place()
    {
        byte[] table = Table(2, 3, [0, 0, 0, 0, float.PositiveInfinity, 0]);
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => Read(table, "a\nb\n", "x\ny\n"));
        Assert.Contains("row 1, element 1", error.Message, StringComparison.Ordinal);
    }

    private static SampleSet Read(byte[] vectors, string words, string labels) =>
        SampleSet.Read(new MemoryStream(vectors), new StringReader(words), new StringReader(labels));

    private static byte[] Table(int rows, int dimension, float[] elements) =>
        Npy($"{{'descr': '<f2', 'fortran_order': False, 'shape': ({rows}, {dimension}), }}", elements);

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
