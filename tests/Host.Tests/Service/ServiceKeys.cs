using System.Runtime.InteropServices;
using GpuCrypt.Host.Tests.Keyrings;
using GpuCrypt.Kernels;
using GpuCrypt.Kernels.Keys;

namespace GpuCrypt.Host.Tests.Service;

/// <summary>The keyring of the service's tests, and what undoes its encryption.</summary>
internal static class ServiceKeys
{
    public const string DefaultSecret = TestKeyrings.CurrentHex;
    public const string ScaledSecret = TestKeyrings.RotatingHex;

    private const string Text = $$"""
        {
          "format": "gpucrypt-keyring",
          "version": 1,
          "secretPaths": {
            "default": { "approximationFactor": 1, "scaling": false, "current": { "id": 1, "created": "2026-01-01T00:00:00Z", "secret": "{{DefaultSecret}}" } },
            "scaled": { "approximationFactor": 2, "scaling": true, "current": { "id": 7, "created": "2026-01-01T00:00:00Z", "secret": "{{ScaledSecret}}" } }
          }
        }
        """;

    /// <summary>Writes the keyring, readable by its owner alone.</summary>
    public static string Write(string file) => TestKeyrings.WriteFile(file, Text);

    /// <summary>Decrypts under the secret path "default".</summary>
    public static float[] Decrypt(ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> metadata, string tenant = "t", string path = "p")
    {
        using VectorKey key = VectorKey.Derive(1, Convert.FromHexString(DefaultSecret), tenant, path, 1f, false);
        using var cipher = new VectorCipher(key);
        return cipher.Decrypt(MemoryMarshal.Cast<byte, float>(ciphertext), metadata);
    }

    /// <summary>Decrypts under the secret path "scaled".</summary>
    public static float[] DecryptScaled(ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> metadata, string tenant = "t", string path = "p")
    {
        using VectorKey key = VectorKey.Derive(7, Convert.FromHexString(ScaledSecret), tenant, path, 2f, true);
        using var cipher = new VectorCipher(key);
        return cipher.Decrypt(MemoryMarshal.Cast<byte, float>(ciphertext), metadata);
    }
}
