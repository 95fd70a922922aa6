using System.Text;
using GpuCrypt.Host.Keyrings;
using GpuCrypt.Kernels.Keys;

namespace GpuCrypt.Host.Tests.Keyrings;

/// <summary>Keyrings and what tests ask of them.</summary>
internal static class TestKeyrings
{
    public const string CurrentHex = "4560639ec670b7a17d492b273e077b0a96bef58ba7760779e544546e000efec8";
    public const string RotatingHex = "f0e1d2c3b4a5968778695a4b3c2d1e0f00112233445566778899aabbccddeeff0102";

    public const string Valid = $$"""
        {
          "format": "gpucrypt-keyring",
          "version": 1,
          "secretPaths": {
            "default": {
              "approximationFactor": 2.236,
              "scaling": true,
              "current": { "id": 2, "created": "2026-01-31T12:00:00Z", "secret": "{{CurrentHex}}" },
              "inRotation": { "id": 1, "secret": "{{RotatingHex}}" },
              "retiredIds": [3, 4294967295]
            },
            "other/path-2": {
              "approximationFactor": 0.5,
              "current": { "id": 4294967295, "secret": "{{RotatingHex}}" }
            }
          }
        }

        """;

    public static Keyring Parse(string text = Valid) => KeyringFormat.Read(Encoding.UTF8.GetBytes(text), "keys.json", isSealed: false);

    public static string Write(Keyring keyring)
    {
        using var output = new SecretBufferWriter();
        KeyringFormat.Write(keyring, output);
        return Encoding.UTF8.GetString(output.Written);
    }

    public static string WriteFile(string file, string text = Valid, int mode = 0b110_000_000)
    {
        File.WriteAllText(file, text);
        File.SetUnixFileMode(file, (UnixFileMode)mode);
        return file;
    }

    /// <summary>Twelve bytes that depend on the secret, the key's scaling factor, tenant and path: equal for equal keys alone.</summary>
    public static string Fingerprint(VectorKey key)
    {
        Span<byte> scratch = stackalloc byte[SyntheticIv.ScratchSize(0, 1)];
        Span<byte> iv = stackalloc byte[12];
        SyntheticIv.Compute(key, default, 0, [1f], scratch, iv);
        return Convert.ToHexStringLower(iv);
    }
}
