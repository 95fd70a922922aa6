using System.Text;
using System.Text.Json;
using GpuCrypt.Kernels.Keys;

namespace GpuCrypt.Host.Keyrings;

/// <summary>The JSON of a keyring, both ways (docs/KEYS.md). Reading is strict; writing gives the one canonical form.</summary>
internal static class KeyringFormat
{
    /// <summary>What the field <c>format</c> says.</summary>
    public const string Name = "gpucrypt-keyring";

    private const int Version = 1;
    private static readonly string[] RootFields = ["format", "version", "secretPaths"];
    private static readonly string[] PathFields = ["approximationFactor", "scaling", "current", "inRotation", "retiredIds"];
    private static readonly string[] SecretFields = ["id", "created", "secret"];

    /// <summary>Reads a keyring.</summary>
    /// <param name="text">The whole text.</param>
    /// <param name="file">The file's name, for messages.</param>
    /// <param name="isSealed">Whether the text came out of a sealed file.</param>
    /// <exception cref="KeyringException">Anything is not as it should be.</exception>
    public static Keyring Read(ReadOnlySpan<byte> text, string file, bool isSealed)
    {
        List<SecretPath>? paths = null;
        try
        {
            var json = new StrictJson(text, file);
            uint seen = 0;
            json.Read("");
            json.ExpectObject("");
            long start = json.Place;
            while (json.NextField("", RootFields, ref seen, out int field))
            {
                switch (field)
                {
                    case 0:
                        json.ExpectText("format", Name);
                        break;
                    case 1:
                        json.Integer("version", Version, Version);
                        break;
                    case 2:
                        paths = [];
                        ReadPaths(ref json, paths);
                        break;
                }
            }

            json.Require(start, "", RootFields, seen, 0b111);
            json.End();
            return new Keyring(file, isSealed, paths!);
        }
        catch
        {
            paths?.ForEach(path => path.Dispose());
            throw;
        }
    }

    /// <summary>Writes a keyring.</summary>
    public static void Write(Keyring keyring, SecretBufferWriter output)
    {
        using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteString(RootFields[0], Name);
            json.WriteNumber(RootFields[1], Version);
            json.WriteStartObject(RootFields[2]);
            foreach (SecretPath path in keyring.Paths)
            {
                json.WriteStartObject(path.Name);
                json.WriteNumber(PathFields[0], path.ApproximationFactor);
                json.WriteBoolean(PathFields[1], path.Scaling);
                Write(json, PathFields[2], path.Current);
                if (path.InRotation is not null)
                    Write(json, PathFields[3], path.InRotation);
                if (path.RetiredIds.Count > 0)
                {
                    json.WriteStartArray(PathFields[4]);
                    foreach (uint id in path.RetiredIds)
                        json.WriteNumberValue(id);
                    json.WriteEndArray();
                }

                json.WriteEndObject();
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        output.GetSpan(1)[0] = (byte)'\n';
        output.Advance(1);
    }

    private static void ReadPaths(ref StrictJson json, List<SecretPath> paths)
    {
        const string At = "secretPaths";
        json.ExpectObject(At);
        long start = json.Place;
        while (json.NextName(At, out string name, out long place))
        {
            string at = StrictJson.Join(At, name);
            if (paths.Exists(path => path.Name == name))
                throw json.Error(place, at, "the secret path is there twice");
            paths.Add(ReadPath(ref json, at, name));
        }

        if (paths.Count == 0)
            throw json.Error(start, At, "a keyring has at least one secret path");
    }

    private static SecretPath ReadPath(ref StrictJson json, string at, string name)
    {
        float approximationFactor = 0;
        bool scaling = false;
        KeyringSecret? current = null, inRotation = null;
        List<uint> ids = [], retiredIds = [];
        uint seen = 0;
        json.ExpectObject(at);
        long start = json.Place;
        try
        {
            while (json.NextField(at, PathFields, ref seen, out int field))
            {
                string fieldAt = StrictJson.Join(at, PathFields[field]);
                switch (field)
                {
                    case 0:
                        approximationFactor = json.NonNegativeSingle(fieldAt);
                        break;
                    case 1:
                        scaling = json.Boolean(fieldAt);
                        break;
                    case 2:
                        current = ReadSecret(ref json, fieldAt, ids);
                        break;
                    case 3:
                        inRotation = ReadSecret(ref json, fieldAt, ids);
                        break;
                    case 4:
                        ReadRetiredIds(ref json, fieldAt, ids, retiredIds);
                        break;
                }
            }

            json.Require(start, at, PathFields, seen, 0b00101);
            return new SecretPath(name, approximationFactor, scaling, current!, inRotation, retiredIds);
        }
        catch
        {
            current?.Dispose();
            inRotation?.Dispose();
            throw;
        }
    }

    private static KeyringSecret ReadSecret(ref StrictJson json, string at, List<uint> ids)
    {
        uint id = 0;
        DateTimeOffset? created = null;
        SecretBytes? bytes = null;
        uint seen = 0;
        json.ExpectObject(at);
        long start = json.Place;
        try
        {
            while (json.NextField(at, SecretFields, ref seen, out int field))
            {
                string fieldAt = StrictJson.Join(at, SecretFields[field]);
                switch (field)
                {
                    case 0:
                        id = ReadId(ref json, fieldAt, ids);
                        break;
                    case 1:
                        created = json.Time(fieldAt);
                        break;
                    case 2:
                        bytes = ReadHex(ref json, fieldAt);
                        break;
                }
            }

            json.Require(start, at, SecretFields, seen, 0b101);
            return new KeyringSecret(id, created, bytes!);
        }
        catch
        {
            bytes?.Dispose();
            throw;
        }
    }

    private static void ReadRetiredIds(ref StrictJson json, string at, List<uint> ids, List<uint> retiredIds)
    {
        json.ExpectArray(at);
        for (json.Read(at); json.Kind != JsonTokenType.EndArray; json.Read(at))
            retiredIds.Add(ReadId(ref json, $"{at}[{retiredIds.Count}]", ids));
    }

    private static uint ReadId(ref StrictJson json, string at, List<uint> ids)
    {
        uint id = (uint)json.Integer(at, 1, uint.MaxValue);
        if (ids.Contains(id))
            throw json.Error(json.Place, at, $"id {id} is used twice in this secret path");
        ids.Add(id);
        return id;
    }

    private static SecretBytes ReadHex(ref StrictJson json, string at)
    {
        const string Expected = "a secret is an even number of hexadecimal digits";
        ReadOnlySpan<byte> hex = json.PlainText(at);
        // The length first: it is right to say, and a short secret is refused before anything is made of it.
        if (hex.Length % 2 != 0)
            throw json.Error(json.Place, at, $"{Expected}, this one has {hex.Length}");
        int size = hex.Length / 2;
        if (size is < VectorKey.MinimumSecretSize or > KeyringSecret.MaximumSize)
        {
            throw json.Error(json.Place, at,
                $"a secret has {VectorKey.MinimumSecretSize} to {KeyringSecret.MaximumSize} bytes ({2 * VectorKey.MinimumSecretSize} hexadecimal digits or more), this one has {size}");
        }

        var bytes = new SecretBytes(size);
        if (Convert.FromHexString(hex, bytes.Span, out _, out _) == System.Buffers.OperationStatus.Done)
            return bytes;
        bytes.Dispose();
        throw json.Error(json.Place, at, Expected + " and nothing else");
    }

    private static void Write(Utf8JsonWriter json, string name, KeyringSecret secret)
    {
        json.WriteStartObject(name);
        json.WriteNumber(SecretFields[0], secret.Id);
        if (secret.Created is DateTimeOffset created)
            json.WriteString(SecretFields[1], created.UtcDateTime);
        using (var hex = new SecretBytes(secret.Bytes.Length * 2))
        {
            if (!Convert.TryToHexStringLower(secret.Bytes.Span, hex.Span, out _))
                throw new InvalidOperationException("The buffer for a secret is too small.");
            // The writer copies text that it has to escape; digits it does not.
            json.WriteString(Encoding.UTF8.GetBytes(SecretFields[2]), hex.Span);
        }

        json.WriteEndObject();
    }
}
