// The constants of glibc's powf (Arm's optimized routines, "pow" for f32 evaluated in f64): WIRE-FORMAT section 4 step 4.
using System.Runtime.InteropServices;

namespace GpuCrypt.Kernels.Scheme;

/// <summary>Tables for <see cref="Powf"/>.</summary>
internal static class PowfTables
{
    /// <summary>1/c for the centres c of 16 intervals that cover [0x3f330000, 2·0x3f330000) as f32 bits.</summary>
    public static ReadOnlySpan<double> Inverse => MemoryMarshal.Cast<ulong, double>(InverseBits);

    /// <summary>log2(c) for the same centres.</summary>
    public static ReadOnlySpan<double> Log2 => MemoryMarshal.Cast<ulong, double>(Log2Bits);

    /// <summary>The bits of 2^(i/32), correctly rounded, less i·2^47, so that adding k·2^47 for any k ≡ i (mod 32) gives 2^(k/32).</summary>
    public static ReadOnlySpan<ulong> Exp2 =>
    [
        0x3ff0000000000000, 0x3fefd9b0d3158574, 0x3fefb5586cf9890f, 0x3fef9301d0125b51,
        0x3fef72b83c7d517b, 0x3fef54873168b9aa, 0x3fef387a6e756238, 0x3fef1e9df51fdee1,
        0x3fef06fe0a31b715, 0x3feef1a7373aa9cb, 0x3feedea64c123422, 0x3feece086061892d,
        0x3feebfdad5362a27, 0x3feeb42b569d4f82, 0x3feeab07dd485429, 0x3feea47eb03a5585,
        0x3feea09e667f3bcd, 0x3fee9f75e8ec5f74, 0x3feea11473eb0187, 0x3feea589994cce13,
        0x3feeace5422aa0db, 0x3feeb737b0cdc5e5, 0x3feec49182a3f090, 0x3feed503b23e255d,
        0x3feee89f995ad3ad, 0x3feeff76f2fb5e47, 0x3fef199bdd85529c, 0x3fef3720dcef9069,
        0x3fef5818dcfba487, 0x3fef7c97337b9b5f, 0x3fefa4afa2a490da, 0x3fefd0765b6e4540,
    ];

    private static ReadOnlySpan<ulong> InverseBits =>
    [
        0x3ff661ec79f8f3be, 0x3ff571ed4aaf883d, 0x3ff49539f0f010b0, 0x3ff3c995b0b80385,
        0x3ff30d190c8864a5, 0x3ff25e227b0b8ea0, 0x3ff1bb4a4a1a343f, 0x3ff12358f08ae5ba,
        0x3ff0953f419900a7, 0x3ff0000000000000, 0x3fee608cfd9a47ac, 0x3feca4b31f026aa0,
        0x3feb2036576afce6, 0x3fe9c2d163a1aa2d, 0x3fe886e6037841ed, 0x3fe767dcf5534862,
    ];

    private static ReadOnlySpan<ulong> Log2Bits =>
    [
        0xbfdefec65b963019, 0xbfdb0b6832d4fca4, 0xbfd7418b0a1fb77b, 0xbfd39de91a6dcf7b,
        0xbfd01d9bf3f2b631, 0xbfc97c1d1b3b7af0, 0xbfc2f9e393af3c9f, 0xbfb960cbbf788d5c,
        0xbfaa6f9db6475fce, 0x0000000000000000, 0x3fb338ca9f24f53d, 0x3fc476a9543891ba,
        0x3fce840b4ac4e4d2, 0x3fd40645f0c6651c, 0x3fd88e9c2c1b9ff8, 0x3fdce0a44eb17bcc,
    ];
}
