using System.Text;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using GpuCrypt.Host.Keyrings;

namespace GpuCrypt.Host.Tests.Keyrings;

public sealed class KeyringFormatTests
{
    private const string S = TestKeyrings.CurrentHex;

    [Fact]
    public void A_keyring_is_read_with_everything_it_says()
    {
        using Keyring keyring = TestKeyrings.Parse();

        Assert.Equal(["default", "other/path-2"], keyring.Paths.Select(p => p.Name));
        SecretPath path = keyring.Path("default");
        Assert.Equal(2.236f, path.ApproximationFactor);
        Assert.True(path.Scaling);
        Assert.Equal(2u, path.Current.Id);
        Assert.Equal(new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero), path.Current.Created);
        Assert.Equal(S, Convert.ToHexStringLower(path.Current.Bytes.Span));
        Assert.Equal(1u, path.InRotation!.Id);
        Assert.Equal(TestKeyrings.RotatingHex, Convert.ToHexStringLower(path.InRotation.Bytes.Span));
        Assert.Equal([3u, uint.MaxValue], path.RetiredIds);
        Assert.False(keyring.Path("other/path-2").Scaling);
        Assert.Null(keyring.Path("other/path-2").InRotation);
    }

    [Fact]
    public void A_key_of_a_keyring_is_the_key_of_the_format()
    {
        // WIRE-FORMAT section 1: secret, tenant and path of its example give s = 15281143.
        using Keyring keyring = TestKeyrings.Parse();
        SecretPath path = keyring.Path("default");
        using var key = path.Derive(path.Current, "foo", "deriv_path");
        using var direct = Kernels.Keys.VectorKey.Derive(2, Convert.FromHexString(S), "foo", "deriv_path", 2.236f, true);
        Assert.Equal(TestKeyrings.Fingerprint(direct), TestKeyrings.Fingerprint(key));
    }

    [Fact]
    public void Upper_case_digits_are_read_and_lower_case_written()
    {
        using Keyring keyring = TestKeyrings.Parse(TestKeyrings.Valid.Replace(S, S.ToUpperInvariant()));
        Assert.Contains(S, TestKeyrings.Write(keyring));
    }

    [Theory]
    [InlineData("", "keys.json:1:1: the text ends too early")]
    [InlineData("[]", "keys.json:1:1: expected an object, found an array")]
    [InlineData("nonsense", "keys.json:1:2: not valid JSON here: look for a missing quote, comma or bracket")]
    [InlineData("{}", "keys.json:1:1 format: the field is missing")]
    [InlineData("""{ "format": "gpucrypt-sealed" }""", "keys.json:1:13 format: expected \"gpucrypt-keyring\"")]
    public void A_text_that_is_no_keyring_is_refused(string text, string message) => Refuses(text, message);

    [Theory]
    // What to replace in the valid keyring, by what, and what is said of it.
    [InlineData("\"version\": 1", "\"version\": 2", "keys.json:3:14 version: expected a whole number from 1 to 1")]
    [InlineData("\"version\": 1", "\"version\": true", "keys.json:3:14 version: expected a number, found true or false")]
    [InlineData("\"version\": 1,", "", "keys.json:1:1 version: the field is missing")]
    [InlineData("\"version\": 1", "\"version\": 1, \"version\": 1", "keys.json:3:17 version: the field is there twice")]
    [InlineData("\"version\": 1", "\"verzion\": 1", "keys.json:3:3: unknown field 'verzion'; the fields here are format, version, secretPaths")]
    [InlineData("\"id\": 2,", "\"id\": 0,", "keys.json:8:26 secretPaths.default.current.id: expected a whole number from 1 to 4294967295")]
    [InlineData("\"id\": 2,", "\"id\": 4294967296,", "keys.json:8:26 secretPaths.default.current.id: expected a whole number from 1 to 4294967295")]
    [InlineData("\"id\": 2,", "\"id\": -1,", "keys.json:8:26 secretPaths.default.current.id: expected a whole number from 1 to 4294967295")]
    [InlineData("\"id\": 2,", "\"id\": 2.5,", "keys.json:8:26 secretPaths.default.current.id: expected a whole number from 1 to 4294967295")]
    [InlineData("\"id\": 2,", "\"id\": \"2\",", "keys.json:8:26 secretPaths.default.current.id: expected a number, found a string")]
    [InlineData("\"id\": 2,", "", "keys.json:8:18 secretPaths.default.current.id: the field is missing")]
    [InlineData("\"id\": 2,", "\"id\": 2, \"id\": 5,", "keys.json:8:29 secretPaths.default.current.id: the field is there twice")]
    [InlineData("\"id\": 1,", "\"id\": 2,", "keys.json:9:29 secretPaths.default.inRotation.id: id 2 is used twice in this secret path")]
    [InlineData("[3, 4294967295]", "[3, 2]", "keys.json:10:25 secretPaths.default.retiredIds[1]: id 2 is used twice in this secret path")]
    [InlineData("[3, 4294967295]", "[3, null]", "keys.json:10:25 secretPaths.default.retiredIds[1]: expected a number, found null")]
    [InlineData("[3, 4294967295]", "3", "keys.json:10:21 secretPaths.default.retiredIds: expected an array, found a number")]
    [InlineData("2.236", "-1", "keys.json:6:30 secretPaths.default.approximationFactor: expected a number from 0 to 3.4e38")]
    [InlineData("2.236", "-0.0", "keys.json:6:30 secretPaths.default.approximationFactor: expected a number from 0 to 3.4e38")]
    [InlineData("2.236", "1e39", "keys.json:6:30 secretPaths.default.approximationFactor: expected a number from 0 to 3.4e38")]
    [InlineData("2.236", "NaN", "keys.json:6:30 secretPaths.default.approximationFactor: not valid JSON here: look for a missing quote, comma or bracket")]
    [InlineData("2.236", "\"NaN\"", "keys.json:6:30 secretPaths.default.approximationFactor: expected a number, found a string")]
    [InlineData("\"scaling\": true", "\"scaling\": 1", "keys.json:7:18 secretPaths.default.scaling: expected true or false, found a number")]
    [InlineData("\"scaling\": true", "\"Scaling\": true", "keys.json:7:7 secretPaths.default: unknown field 'Scaling'; the fields here are approximationFactor, scaling, current, inRotation, retiredIds")]
    [InlineData("\"current\": { \"id\": 2", "\"currant\": { \"id\": 2", "keys.json:8:7 secretPaths.default: unknown field 'currant'; the fields here are approximationFactor, scaling, current, inRotation, retiredIds")]
    [InlineData("2026-01-31T12:00:00Z", "yesterday", "keys.json:8:40 secretPaths.default.current.created: expected a time such as 2026-01-31T12:00:00Z")]
    [InlineData("other/path-2", "default", "keys.json:12:5 secretPaths.default: the secret path is there twice")]
    [InlineData("other/path-2", "", "keys.json:12:5 secretPaths: a name here is 1 to 40 letters, digits, '.', '_', '-' or '/'")]
    [InlineData("other/path-2", "other path", "keys.json:12:5 secretPaths: a name here is 1 to 40 letters, digits, '.', '_', '-' or '/'")]
    [InlineData("\"approximationFactor\": 0.5,", "", "keys.json:12:21 secretPaths[\"other/path-2\"].approximationFactor: the field is missing")]
    [InlineData("4294967295, \"secret\"", "7, \"sekret\"", "keys.json:14:29 secretPaths[\"other/path-2\"].current: unknown field 'sekret'; the fields here are id, created, secret")]
    [InlineData("{ \"id\": 1,", "[ \"id\": 1,", "keys.json:9:21 secretPaths.default.inRotation: expected an object, found an array")]
    [InlineData("{ \"id\": 1,", "{ \"id\" 1,", "keys.json:9:28 secretPaths.default.inRotation: not valid JSON here: look for a missing quote, comma or bracket")]
    public void Anything_that_is_not_as_it_should_be_is_refused_with_its_place(string from, string to, string message)
    {
        Assert.Contains(from, TestKeyrings.Valid);
        Refuses(Replace(from, to), message);
    }

    [Theory]
    [InlineData("", "a secret has 32 to 4096 bytes (64 hexadecimal digits or more), this one has 0")]
    [InlineData(S + "a", "a secret is an even number of hexadecimal digits, this one has 65")]
    [InlineData("4560639ec670b7a17d492b273e077b0a96bef58ba7760779e544546e000efe", "a secret has 32 to 4096 bytes (64 hexadecimal digits or more), this one has 31")]
    [InlineData("4560639ec670b7a17d492b273e077b0a96bef58ba7760779e544546e000efexx", "a secret is an even number of hexadecimal digits and nothing else")]
    [InlineData("\\u0034560639ec670b7a17d492b273e077b0a96bef58ba7760779e544546e000efec8", "the string must not have escapes (\\)")]
    public void A_secret_that_is_short_or_not_hexadecimal_is_refused_without_being_shown(string secret, string message) =>
        Refuses(Replace(S, secret), "keys.json:8:74 secretPaths.default.current.secret: " + message);

    [Fact]
    public void A_secret_in_the_place_of_a_name_is_not_shown()
    {
        Refuses(Replace("\"created\"", $"\"{S}\""), "keys.json:8:29 secretPaths.default.current: unknown field; the fields here are id, created, secret");
        Refuses(Replace("\"created\"", "\"4560639ec670b7a1\""), "keys.json:8:29 secretPaths.default.current: unknown field; the fields here are id, created, secret");
        Refuses(Replace("other/path-2", S), $"keys.json:12:5 secretPaths: a name here is {SecretPath.NameRule}");
    }

    [Fact]
    public void Text_that_is_not_utf8_or_goes_on_after_its_end_is_refused()
    {
        byte[] text = Encoding.UTF8.GetBytes(TestKeyrings.Valid);
        text[TestKeyrings.Valid.IndexOf("default", StringComparison.Ordinal)] = 0xFF;
        var exception = Assert.Throws<KeyringException>(() => KeyringFormat.Read(text, "keys.json", false));
        Assert.Equal("keys.json:5:6: the text is not UTF-8", exception.Message);
        Refuses(TestKeyrings.Valid + "{}", "keys.json:18:1: not valid JSON here: look for a missing quote, comma or bracket");
        Refuses(Replace("2026-01-31T12:00:00Z", "\\ud800"), "keys.json:8:40 secretPaths.default.current.created: expected a time such as 2026-01-31T12:00:00Z");
    }

    [Fact]
    public void What_is_written_reads_back_the_same()
    {
        var secrets = ArbMap.Default.GeneratorFor<byte>().ArrayOf(40).Select(bytes => Convert.ToHexStringLower(bytes));
        var generator =
            from first in secrets
            from second in secrets
            from factor in ArbMap.Default.GeneratorFor<float>().Where(f => float.IsFinite(f) && !float.IsNegative(f))
            from scaling in ArbMap.Default.GeneratorFor<bool>()
            from id in ArbMap.Default.GeneratorFor<uint>().Where(i => i is > 0 and < uint.MaxValue - 2)
            from rotating in ArbMap.Default.GeneratorFor<bool>()
            select (first, second, factor, scaling, id, rotating);
        Prop.ForAll(generator.ToArbitrary(), given =>
        {
            var path = new SecretPath("p.1", given.factor, given.scaling,
                new KeyringSecret(given.id, DateTimeOffset.UnixEpoch, SecretBytes.Copy(Convert.FromHexString(given.first))),
                given.rotating ? new KeyringSecret(given.id + 1, null, SecretBytes.Copy(Convert.FromHexString(given.second))) : null,
                [given.id + 2]);
            using var keyring = new Keyring("keys.json", false, [path]);
            string text = TestKeyrings.Write(keyring);
            using Keyring read = TestKeyrings.Parse(text);
            SecretPath back = read.Path("p.1");
            return TestKeyrings.Write(read) == text && back.ApproximationFactor == given.factor && back.Scaling == given.scaling
                && back.Current.Id == given.id && back.Current.Created == DateTimeOffset.UnixEpoch && Convert.ToHexStringLower(back.Current.Bytes.Span) == given.first
                && (back.InRotation is not null) == given.rotating && back.RetiredIds.SequenceEqual([given.id + 2]);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_changed_file_is_read_or_refused_with_its_place_and_no_part_of_a_secret()
    {
        byte[] valid = Encoding.UTF8.GetBytes(TestKeyrings.Valid);
        var place = new Regex(@"^keys\.json:\d+:\d+( [^:]+)?: .+$");
        string[] pieces = [.. new[] { S, TestKeyrings.RotatingHex }.SelectMany(hex => Enumerable.Range(0, hex.Length - 7).Select(i => hex.Substring(i, 8)))];
        var change =
            from at in Gen.Choose(0, valid.Length - 1)
            from length in Gen.Choose(0, 12)
            from bytes in ArbMap.Default.GeneratorFor<byte>().ListOf(2)
            from structural in Gen.Elements((byte)'{', (byte)'}', (byte)'[', (byte)']', (byte)'"', (byte)',', (byte)':', (byte)'\\', (byte)'\n', (byte)'-', (byte)'9')
            from kind in Gen.Choose(0, 4)
            select (at, length, bytes: bytes.ToArray(), structural, kind);
        int read = 0, refused = 0;
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(3000), Prop.ForAll(change.ListOf(2).ToArbitrary(), changes =>
        {
            List<byte> text = [.. valid];
            foreach (var (position, length, bytes, structural, kind) in changes)
            {
                int at = Math.Min(position, text.Count - 1);
                switch (kind)
                {
                    case 0:
                        text.RemoveRange(at, Math.Min(length, text.Count - at));
                        break;
                    case 1:
                        text.InsertRange(at, bytes);
                        break;
                    case 2:
                        text[at] = structural;
                        break;
                    case 3:
                        text.Insert(at, structural);
                        break;
                    default:
                        text.InsertRange(at, text.GetRange(at, Math.Min(length, text.Count - at)));
                        break;
                }
            }

            try
            {
                KeyringFormat.Read(text.ToArray(), "keys.json", false).Dispose();
                read++;
                return true;
            }
            catch (KeyringException exception)
            {
                refused++;
                return place.IsMatch(exception.Message) && !pieces.Any(exception.Message.Contains);
            }
        }));
        Assert.True(read > 20, $"only {read} changed files were read");
        Assert.True(refused > 1000, $"only {refused} changed files were refused");
    }

    private static string Replace(string from, string to)
    {
        int at = TestKeyrings.Valid.IndexOf(from, StringComparison.Ordinal);
        return TestKeyrings.Valid[..at] + to + TestKeyrings.Valid[(at + from.Length)..];
    }

    private static void Refuses(string text, string message)
    {
        var exception = Assert.Throws<KeyringException>(() => TestKeyrings.Parse(text));
        Assert.Equal(message, exception.Message);
    }
}
