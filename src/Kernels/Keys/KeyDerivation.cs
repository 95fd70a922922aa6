// From a secret to the key of one tenant and path: WIRE-FORMAT section 1. On the host only, so the framework's HMAC-SHA512 serves.
using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using GpuCrypt.Kernels.Scheme;

namespace GpuCrypt.Kernels.Keys;

/// <summary>Derives K and s.</summary>
internal static class KeyDerivation
{
    /// <summary>h = HMAC-SHA512(secret, UTF-8(tenant + "-" + path)); s = h[0..3), K = h[3..35).</summary>
    public static void Derive(ReadOnlySpan<byte> secret, string tenant, string derivationPath, ref KeyMaterial material)
    {
        Span<byte> h = stackalloc byte[HMACSHA512.HashSizeInBytes];
        byte[] message = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetByteCount(tenant) + 1 + Encoding.UTF8.GetByteCount(derivationPath));
        try
        {
            int length = Encoding.UTF8.GetBytes(tenant, message);
            message[length++] = (byte)'-';
            length += Encoding.UTF8.GetBytes(derivationPath, message.AsSpan(length));
            HMACSHA512.HashData(secret, message.AsSpan(0, length), h);
            material.ScalingFactor = (h[0] << 16) | (h[1] << 8) | h[2];
            material.K0 = BinaryPrimitives.ReadUInt32BigEndian(h[3..]);
            material.K1 = BinaryPrimitives.ReadUInt32BigEndian(h[7..]);
            material.K2 = BinaryPrimitives.ReadUInt32BigEndian(h[11..]);
            material.K3 = BinaryPrimitives.ReadUInt32BigEndian(h[15..]);
            material.K4 = BinaryPrimitives.ReadUInt32BigEndian(h[19..]);
            material.K5 = BinaryPrimitives.ReadUInt32BigEndian(h[23..]);
            material.K6 = BinaryPrimitives.ReadUInt32BigEndian(h[27..]);
            material.K7 = BinaryPrimitives.ReadUInt32BigEndian(h[31..]);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(h);
            ArrayPool<byte>.Shared.Return(message);
        }
    }
}
