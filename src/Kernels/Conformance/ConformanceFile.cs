using System.Text;
using System.Text.Json;
using GpuCrypt.Kernels.Keys;

namespace GpuCrypt.Kernels.Conformance;

/// <summary>
/// A file of test vectors in JSON lines (WIRE-FORMAT section 8): parameters on the first line, then vectors. Immutable. The secrets in it
/// are test secrets, known to everyone.
/// </summary>
public sealed class ConformanceFile
{
    private readonly byte[] _secret;

    private ConformanceFile(string name, JsonElement parameters, int line)
    {
        Name = name;
        _secret = Hex(parameters, "secret", line, null);
        Tenant = Text(parameters, "tenant", line);
        DerivationPath = Text(parameters, "derivation_path", line);
        SecretId = Integer(parameters, "key_id", line);
        ApproximationFactor = Float(parameters, "approx_bits", line);
        ScalingFactor = Float(parameters, "scaling_factor_bits", line);
        Key = Hex(parameters, "key", line, 32);
        Scaling = Property(parameters, "scale", JsonValueKind.True, line, JsonValueKind.False).GetBoolean();
    }

    /// <summary>The file's name, for messages.</summary>
    public string Name { get; }

    /// <summary>The tenant.</summary>
    public string Tenant { get; }

    /// <summary>The derivation path.</summary>
    public string DerivationPath { get; }

    /// <summary>The id of the secret.</summary>
    public uint SecretId { get; }

    /// <summary>The approximation factor β.</summary>
    public float ApproximationFactor { get; }

    /// <summary>The scaling factor s that derivation must give.</summary>
    public float ScalingFactor { get; }

    /// <summary>The key K that derivation must give, 32 bytes.</summary>
    public IReadOnlyList<byte> Key { get; }

    /// <summary>Whether plaintexts are scaled.</summary>
    public bool Scaling { get; }

    /// <summary>The vectors.</summary>
    public IReadOnlyList<ConformanceVector> Vectors { get; private set; } = [];

    /// <summary>Reads a vector file.</summary>
    /// <param name="name">Its name, for messages.</param>
    /// <param name="reader">Its text.</param>
    /// <exception cref="FormatException">A line is not what the format says; the message names file, line and field.</exception>
    public static ConformanceFile Read(string name, TextReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        ConformanceFile? file = null;
        List<ConformanceVector> vectors = [];
        int number = 0;
        try
        {
            while (reader.ReadLine() is { } text)
            {
                number++;
                if (string.IsNullOrWhiteSpace(text))
                    continue;
                using JsonDocument document = JsonDocument.Parse(text);
                JsonElement line = document.RootElement;
                if (line.ValueKind != JsonValueKind.Object)
                    throw new FormatException($"line {number}: expected a JSON object, found {line.ValueKind}");
                string kind = Text(line, "kind", number);
                if (file is null)
                {
                    if (kind != "params")
                        throw new FormatException($"line {number}: expected kind \"params\" first, found \"{kind}\"");
                    file = new ConformanceFile(name, line, number);
                }
                else
                {
                    vectors.Add(Vector(line, kind, number));
                }
            }
        }
        catch (JsonException e)
        {
            throw new FormatException($"{name}: line {number}: not JSON: {e.Message}", e);
        }
        catch (FormatException e)
        {
            throw new FormatException($"{name}: {e.Message}", e);
        }

        if (file is null)
            throw new FormatException($"{name}: empty: expected a line of parameters and lines of vectors");
        file.Vectors = vectors;
        return file;
    }

    /// <summary>The vectors that the library carries: small files of every kind, produced by the format's reference.</summary>
    public static IEnumerable<ConformanceFile> BuiltIn()
    {
        const string Prefix = "GpuCrypt.Kernels.Conformance.Vectors.";
        System.Reflection.Assembly assembly = typeof(ConformanceFile).Assembly;
        foreach (string resource in assembly.GetManifestResourceNames().Where(n => n.StartsWith(Prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!, Encoding.UTF8);
            yield return Read(resource[Prefix.Length..], reader);
        }
    }

    /// <summary>Derives the file's key from its secret.</summary>
    /// <exception cref="FormatException">The parameters make no key.</exception>
    public VectorKey DeriveKey()
    {
        try
        {
            return VectorKey.Derive(SecretId, _secret, Tenant, DerivationPath, ApproximationFactor, Scaling);
        }
        catch (ArgumentException e)
        {
            throw new FormatException($"{Name}: line 1: {e.Message}", e);
        }
    }

    private static ConformanceVector Vector(JsonElement line, string kind, int number)
    {
        float[] plain = Floats(line, "plain", number, null);
        switch (kind)
        {
            case "error":
                return new ConformanceVector(number, plain, Text(line, "error", number), [], [], [], [], []);
            case "vec":
                return new ConformanceVector(
                    number,
                    plain,
                    null,
                    Hex(line, "iv", number, 12),
                    Floats(line, "cipher", number, plain.Length),
                    Hex(line, "auth_hash", number, 32),
                    Hex(line, "paired_icl_info", number, null),
                    Floats(line, "decrypted", number, plain.Length));
            default:
                throw new FormatException($"line {number}: expected kind \"vec\" or \"error\", found \"{kind}\"");
        }
    }

    private static JsonElement Property(JsonElement line, string field, JsonValueKind expected, int number, JsonValueKind? or = null)
    {
        if (!line.TryGetProperty(field, out JsonElement value))
            throw new FormatException($"line {number}: field \"{field}\" is missing");
        if (value.ValueKind != expected && value.ValueKind != or)
            throw new FormatException($"line {number}: field \"{field}\": expected {expected}, found {value.ValueKind}");
        return value;
    }

    private static string Text(JsonElement line, string field, int number)
    {
        try
        {
            return Property(line, field, JsonValueKind.String, number).GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw new FormatException($"line {number}: field \"{field}\": not text: {e.Message}", e);
        }
    }

    private static uint Integer(JsonElement line, string field, int number)
    {
        if (!Property(line, field, JsonValueKind.Number, number).TryGetUInt32(out uint value))
            throw new FormatException($"line {number}: field \"{field}\": expected a 32-bit unsigned integer");
        return value;
    }

    private static byte[] Hex(JsonElement line, string field, int number, int? size)
    {
        byte[] bytes;
        try
        {
            bytes = Convert.FromHexString(Text(line, field, number));
        }
        catch (FormatException e)
        {
            throw new FormatException($"line {number}: field \"{field}\": not hexadecimal: {e.Message}", e);
        }

        if (size is { } expected && bytes.Length != expected)
            throw new FormatException($"line {number}: field \"{field}\": expected {expected} bytes, found {bytes.Length}");
        return bytes;
    }

    private static float Float(JsonElement line, string field, int number) => Floats(line, field, number, 1)[0];

    private static float[] Floats(JsonElement line, string field, int number, int? count)
    {
        byte[] bytes = Hex(line, field, number, null);
        if (bytes.Length % 4 != 0)
            throw new FormatException($"line {number}: field \"{field}\": expected a multiple of 4 bytes, found {bytes.Length}");
        if (count is { } expected && bytes.Length != 4 * expected)
            throw new FormatException($"line {number}: field \"{field}\": expected {expected} floats, found {bytes.Length / 4}");
        float[] floats = new float[bytes.Length / 4];
        for (int i = 0; i < floats.Length; i++)
            floats[i] = System.Buffers.Binary.BinaryPrimitives.ReadSingleBigEndian(bytes.AsSpan(4 * i));
        return floats;
    }
}
