using GpuCrypt.Kernels.Scheme;

namespace GpuCrypt.Kernels.Tests.Scheme;

public class ChaCha20Tests
{
    [Fact]
    public void Quarter_round_gives_the_example_of_RFC_8439_section_2_1_1()
    {
        uint a = 0x11111111, b = 0x01020304, c = 0x9b8d6f43, d = 0x01234567;
        ChaCha20.QuarterRound(ref a, ref b, ref c, ref d);
        Assert.Equal((0xea2a92f4u, 0xcb1cf8ceu, 0x4581472eu, 0x5881c4bbu), (a, b, c, d));
    }

    [Fact]
    public void Block_gives_the_example_of_RFC_8439_section_2_3_2()
    {
        ChaChaBlock state = default;
        state.W0 = ChaCha20.Constant0;
        state.W1 = ChaCha20.Constant1;
        state.W2 = ChaCha20.Constant2;
        state.W3 = ChaCha20.Constant3;
        (state.W4, state.W5, state.W6, state.W7) = (0x03020100, 0x07060504, 0x0b0a0908, 0x0f0e0d0c);
        (state.W8, state.W9, state.W10, state.W11) = (0x13121110, 0x17161514, 0x1b1a1918, 0x1f1e1d1c);
        (state.W12, state.W13, state.W14, state.W15) = (1, 0x09000000, 0x4a000000, 0);
        ChaCha20.Block(ref state, out ChaChaBlock block);
        uint[] expected =
        [
            0xe4e7f110, 0x15593bd1, 0x1fdd0f50, 0xc47120a3, 0xc7f4d1c7, 0x0368c033, 0x9aaa2204, 0x4e6cd4c3,
            0x466482d2, 0x09aa9f07, 0x05d7c214, 0xa2028bd9, 0xd19c12b5, 0xb94e16de, 0xe883d0cb, 0x4e3c50a2,
        ];
        Assert.Equal(expected, Enumerable.Range(0, 16).Select(i => block.Word(i)));
    }

    /// <summary>Stream words of the test clients' IV generator in the format's description: a ChaCha20 stream under a key grown from seed 1.</summary>
    [Fact]
    public void Stream_from_seed_1_starts_with_the_documented_IV()
    {
        ulong x = 1;
        byte[] key = new byte[32];
        for (int i = 0; i < 8; i++)
        {
            x = unchecked((x * 6364136223846793005) + 11634580027462260723);
            uint w = System.Numerics.BitOperations.RotateRight((uint)(((x >> 18) ^ x) >> 27), (int)(x >> 59));
            System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(key.AsSpan(4 * i), w);
        }

        Digest seed = default;
        seed.H0 = Word(0);
        seed.H1 = Word(1);
        seed.H2 = Word(2);
        seed.H3 = Word(3);
        seed.H4 = Word(4);
        seed.H5 = Word(5);
        seed.H6 = Word(6);
        seed.H7 = Word(7);
        RandomStream stream = RandomStream.FromSeed(ref seed);
        byte[] iv = new byte[12];
        for (int i = 0; i < 3; i++)
            System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(iv.AsSpan(4 * i), stream.Next32());
        Assert.Equal("9a3744504560639ec670b7a1", Convert.ToHexStringLower(iv));

        uint Word(int i) => System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(key.AsSpan(4 * i));
    }
}
