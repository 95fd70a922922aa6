using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using GpuCrypt.Ingest.Formats;
using GpuCrypt.Kernels.Batches;

namespace GpuCrypt.Ingest.Tests.Formats;

public sealed class FormatPropertyTests
{
    private static readonly Arbitrary<float[]> Vectors = Arb.From(
        ArbMap.Default.GeneratorFor<int>().Select(BitConverter.Int32BitsToSingle).Select(value => float.IsFinite(value) ? value : 1f).ArrayOf());

    [Fact]
    public void Raw_gives_back_every_bit() => Prop.ForAll(Vectors, values =>
    {
        byte[] message = Records.Raw(values);
        return Records.RoundTrip(new RawFormat(), message, default, BatchOperation.Encrypt, out _).AsSpan().SequenceEqual(message);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Npy_gives_back_every_bit_of_float32_in_any_shape() => Prop.ForAll(Vectors, Gen.Choose(1, 8).ToArbitrary(), (values, rows) =>
    {
        int dimension = values.Length / rows;
        byte[] data = Records.Raw(values[..(rows * dimension)]);
        byte[] output = Records.RoundTrip(new NpyFormat(), Records.Npy("<f4", false, $"({rows}, {dimension})", data), default, BatchOperation.Encrypt, out byte[] metadata);
        byte[] back = Records.RoundTrip(new NpyFormat(), output, metadata, BatchOperation.Decrypt, out _);
        return output.AsSpan(128).SequenceEqual(data) && back.AsSpan().SequenceEqual(output);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Json_gives_back_the_text_after_encrypting_and_decrypting() => Prop.ForAll(Vectors, ArbMap.Default.ArbFor<int[]>(), (values, layout) =>
    {
        string vector = "[" + string.Join(',', values.Select(value => value.ToString(CultureInfo.InvariantCulture))) + "]";
        string message = Object(layout, vector);
        string encrypted = Records.RoundTripJson(message, BatchOperation.Encrypt);
        Assert.Equal(message[..LastValueEnd(message)], encrypted[..LastValueEnd(message)]);
        Assert.EndsWith(message[LastValueEnd(message)..], encrypted, StringComparison.Ordinal);
        Assert.Equal(message, Records.RoundTripJson(encrypted, BatchOperation.Decrypt));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Mutated_messages_never_throw_and_never_leave_rows_behind()
    {
        byte[] raw = Records.Raw(1, 2, 3, 4, 5);
        Records.RoundTrip(new RawFormat(), raw, default, BatchOperation.Encrypt, out byte[] metadata);
        byte[] npy = Records.Npy("<f8", true, "(3, 2)", MemoryMarshal.AsBytes<double>([1, 2, 3, 4, 5, 6]).ToArray());
        byte[] plain = Records.RoundTrip(new NpyFormat(), npy, default, BatchOperation.Encrypt, out byte[] npyMetadata);
        byte[] json = Encoding.UTF8.GetBytes("""{"id":"a\u0041","vector":[1.5,-2e-3,0.25,17],"t":"x","p":"\/","more":{"a":[true,null,"é"]}}""");
        var format = new JsonFormat(new JsonFormatOptions { TenantField = "t", DerivationPathField = "p" });
        byte[] encrypted = Records.RoundTrip(format, json, default, BatchOperation.Encrypt, out _);
        (IRecordFormat Format, byte[] Message, byte[] Metadata, BatchOperation Operation)[] seeds =
        [
            (new RawFormat(), raw, [], BatchOperation.Encrypt),
            (new RawFormat(), raw, metadata, BatchOperation.Decrypt),
            (new NpyFormat(), npy, [], BatchOperation.Encrypt),
            (new NpyFormat(), plain, npyMetadata, BatchOperation.Rotate),
            (format, json, [], BatchOperation.Encrypt),
            (format, json, [], BatchOperation.EncryptOneWay),
            (format, encrypted, [], BatchOperation.Decrypt),
            (format, encrypted, [], BatchOperation.Rotate),
        ];
        var random = new Random(42);
        using VectorBatch batch = Records.Batch(16, 256);
        (int accepted, int rejected) = (0, 0);
        for (int i = 0; i < 40_000; i++)
        {
            (IRecordFormat Format, byte[] Message, byte[] Metadata, BatchOperation Operation) seed = seeds[i % seeds.Length];
            byte[] message = Mutate(seed.Message, random);
            byte[] beside = seed.Metadata.Length > 0 && random.Next(2) == 0 ? Mutate(seed.Metadata, random) : seed.Metadata;
            (int rows, int used) = (batch.Rows, batch.ValuesUsed);
            bool scanned = seed.Format.Scan(message, beside, seed.Operation, out RecordFields fields, out Rejection rejection);
            FillStatus status = scanned ? seed.Format.Fill(message, beside, fields, batch, 0, "id"u8, out rejection) : FillStatus.Rejected;
            Assert.Equal(status == FillStatus.Rejected, rejection.Reason != RejectReason.None);
            if (status == FillStatus.Ok)
            {
                Assert.Equal(rows + fields.Rows, batch.Rows);
                Records.CopyThrough(batch);
                _ = fields.Id.ReadString(message) + fields.Tenant.ReadString(message) + fields.DerivationPath.ReadString(message);
                Records.Encode(seed.Format, fields, message, batch, rows);
                accepted++;
            }
            else
            {
                Assert.Equal((rows, used), (batch.Rows, batch.ValuesUsed));
                if (status == FillStatus.Rejected)
                {
                    Assert.NotEmpty(rejection.ToString());
                    rejected++;
                }
            }

            if (batch.Rows > 12)
            {
                batch.Clear();
                using var key = Records.Key();
                batch.Keys.Add(key);
            }
        }

        Assert.True(accepted > 500 && rejected > 10_000, $"{accepted} accepted, {rejected} rejected");
    }

    private static byte[] Mutate(byte[] seed, Random random)
    {
        var bytes = new List<byte>(seed);
        for (int n = random.Next(1, 4); n > 0; n--)
        {
            int at = random.Next(bytes.Count + 1);
            switch (random.Next(4))
            {
                case 0 when at < bytes.Count:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1 when at < bytes.Count:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 6), bytes.Count - at));
                    break;
                case 2:
                    bytes.Insert(at, "{}[]\",:0e-.\\ "u8[random.Next(13)]);
                    break;
                default:
                    int from = random.Next(bytes.Count + 1);
                    bytes.InsertRange(at, bytes.GetRange(from, Math.Min(random.Next(8), bytes.Count - from)));
                    break;
            }
        }

        return [.. bytes];
    }

    private static int LastValueEnd(string message) => message[..message.LastIndexOf('}')].TrimEnd().Length;

    private static string Object(int[] layout, string vector)
    {
        string[] spaces = ["", " ", "\n", "\t ", "\r\n  "];
        string[] others = ["""x":1""", """x":[{"vector":[1]}, "\u0000"]""", """\u0078":"é\\" """, """text":" , \"paired_icl_info\" : """ + "\"", """n":-0.0e-0"""];
        var fields = new List<string> { "\"id\":\"1\"", "\"vector\":" + vector };
        var text = new StringBuilder();
        foreach (int number in layout)
            fields.Insert((number & 0xff) % (fields.Count + 1), "\"" + others[(number >> 8 & 0xff) % others.Length].TrimEnd());
        string Space(int i) => layout.Length == 0 ? "" : spaces[(layout[i % layout.Length] & 0xffff) % spaces.Length];
        text.Append(Space(0)).Append('{');
        for (int i = 0; i < fields.Count; i++)
            text.Append(i > 0 ? Space(i) + "," : "").Append(Space(i + 1)).Append(fields[i]);
        return text.Append(Space(2)).Append('}').Append(Space(1)).ToString();
    }
}
