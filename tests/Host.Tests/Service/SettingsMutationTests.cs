using System.Text;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using GpuCrypt.Host.Service;
using static GpuCrypt.Host.Tests.Service.SettingsFixture;

namespace GpuCrypt.Host.Tests.Service;

public sealed partial class SettingsMutationTests
{
    private static readonly string[] Pieces =
    [
        "{", "}", "[", "]", ",", ":", "\"", "null", "true", "-1", "0", "1e999", "99999999999", "\"\"", "\"5ms\"", "\"x\"", "//", "/*", "*/", "\n", "\\", "\\ud800", "\0", "é", "topics", "source", "{}", "[]",
    ];

    [Fact]
    public void Whatever_is_done_to_a_right_file_it_is_read_or_refused_by_place()
    {
        Gen<(int At, int Cut, int Piece)> cut = from at in Gen.Choose(0, Full.Length)
                                                from length in Gen.Choose(0, 12)
                                                from piece in Gen.Choose(-1, Pieces.Length - 1)
                                                select (at, length, piece);
        int read = 0, refused = 0;
        Prop.ForAll(cut.NonEmptyListOf().Where(cuts => cuts.Count < 5).ToArbitrary(), cuts =>
        {
            string text = Full;
            foreach ((int at, int length, int piece) in cuts)
            {
                int start = Math.Min(at, text.Length);
                text = string.Concat(text.AsSpan(0, start), piece < 0 ? "" : Pieces[piece], text.AsSpan(Math.Min(start + length, text.Length)));
            }

            Check(Encoding.UTF8.GetBytes(text), ref read, ref refused);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
        Assert.True(read > 2 && refused > 200, $"{read} read, {refused} refused");
    }

    [Fact]
    public void Whatever_bytes_a_file_has_it_is_read_or_refused_by_place()
    {
        int read = 0, refused = 0;
        byte[] full = Encoding.UTF8.GetBytes(Full);
        Gen<(int, byte)> change = from at in Gen.Choose(0, full.Length - 1)
                                  from value in Gen.Choose(0, 255)
                                  select (at, (byte)value);
        Prop.ForAll(change.NonEmptyListOf().ToArbitrary(), changes =>
        {
            byte[] text = [.. full];
            foreach ((int at, byte value) in changes)
                text[at] = value;
            Check(text, ref read, ref refused);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));
        Assert.True(refused > 200, $"{read} read, {refused} refused");
    }

    [Fact]
    public void Whatever_the_environment_says_it_is_taken_or_refused_by_name()
    {
        string[] words = ["KAFKA", "PROPERTIES", "TOPICS", "0", "1", "2", "99999999999", "SOURCE", "SINK", "ALLOWEDTENANTS", "BATCH", "LINGER", "", "x", "_", "THREADS", "KEYRING", "FILE"];
        Gen<(string, string)> variable = from parts in Gen.Elements(words).NonEmptyListOf()
                                         from value in Gen.Elements("", "1", "x", "5ms", "null", "{}")
                                         select ("GPUCRYPT_" + string.Join("__", parts), value);
        Prop.ForAll(variable.ListOf().ToArbitrary(), variables =>
        {
            var environment = variables.DistinctBy(v => v.Item1).ToDictionary(v => v.Item1, v => v.Item2);
            try
            {
                Parse(Full, environment);
            }
            catch (CommandFailedException failure)
            {
                Assert.All(failure.Problems, problem => Assert.True(
                    problem.StartsWith("serve.json:", StringComparison.Ordinal) || environment.Keys.Any(name => problem.StartsWith(name + ": ", StringComparison.Ordinal)), problem));
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
    }

    private static void Check(byte[] text, ref int read, ref int refused)
    {
        try
        {
            ServiceSettings settings = ServiceSettingsReader.Parse(text, "serve.json", NoEnvironment, embeddedBroker: false, Machine);
            Assert.NotEmpty(settings.Topics);
            Assert.All(settings.Topics, topic => Assert.True(topic.Source.Length > 0 && topic.Sink.Length > 0 && topic.Sink != topic.Source));
            Assert.InRange(settings.Batch.Count, 3, 256);
            read++;
        }
        catch (CommandFailedException failure)
        {
            Assert.Equal(ExitCodes.Usage, failure.ExitCode);
            Assert.All(failure.Problems, problem => Assert.Matches(Placed(), problem));
            Assert.All(failure.Problems, problem => Assert.DoesNotContain("hunter2", problem, StringComparison.Ordinal));
            refused++;
        }
    }

    [GeneratedRegex(@"\Aserve\.json:[1-9][0-9]*:[1-9][0-9]*: [^\r\n\0]+\z")]
    private static partial Regex Placed();
}
