using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using GpuCrypt.Kernels.Devices.Cpu;
using GpuCrypt.Kernels.Scheme;

namespace GpuCrypt.Kernels.Tests.Devices;

/// <summary>OpenSSL's compression function where it is there, and functions that only look like it.</summary>
public unsafe class OpenSslSha256Tests
{
    private static readonly delegate* unmanaged<OpenSslSha256.Context*, byte*, nuint, int> Real = FindReal();

    [Fact]
    public void On_Linux_it_is_found_where_the_runtime_has_found_OpenSSL()
    {
        // The runtime's hash cannot be made without the library.
        SHA256.HashData([]);
        Assert.Equal(OperatingSystem.IsLinux(), OpenSslSha256.IsAvailable);
    }

    [Theory]
    [InlineData("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    [InlineData("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")]
    [InlineData(
        "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
        "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1")]
    public void It_gives_the_examples_of_FIPS_180(string message, string digest)
    {
        if (OpenSslSha256.IsAvailable)
            Assert.Equal(digest, Convert.ToHexStringLower(Hash(Encoding.ASCII.GetBytes(message), int.MaxValue)));
    }

    [Fact]
    public void Messages_of_any_length_hash_as_the_framework_hashes_them_however_their_blocks_are_split_among_calls()
    {
        if (!OpenSslSha256.IsAvailable)
            return;
        Gen<(int Length, int Seed, int Blocks)> cases = from length in Gen.Choose(0, 9000)
                                                        from seed in Gen.Choose(0, int.MaxValue)
                                                        from blocks in Gen.Choose(1, 150)
                                                        select (length, seed, blocks);
        Prop.ForAll(cases.ToArbitrary(), c =>
        {
            byte[] message = new byte[c.Length];
            new Random(c.Seed).NextBytes(message);
            return Hash(message, c.Blocks).AsSpan().SequenceEqual(SHA256.HashData(message));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void The_real_function_gives_the_known_answers_and_impostors_are_refused()
    {
        if (!OpenSslSha256.IsAvailable)
            return;
        Assert.True(OpenSslSha256.GivesKnownAnswers(Real));
        Assert.False(OpenSslSha256.GivesKnownAnswers(&DoesNothing));
        Assert.False(OpenSslSha256.GivesKnownAnswers(&ReportsFailure));
        Assert.False(OpenSslSha256.GivesKnownAnswers(&HashesOneBlockOnly));
        Assert.False(OpenSslSha256.GivesKnownAnswers(&ErrsInTheLastBit));
        Assert.False(OpenSslSha256.GivesKnownAnswers(&HasALargerContext));
        Assert.False(OpenSslSha256.GivesKnownAnswers(&KeepsBytesBack));
    }

    [UnmanagedCallersOnly]
    private static int DoesNothing(OpenSslSha256.Context* context, byte* message, nuint size) => 1;

    [UnmanagedCallersOnly]
    private static int ReportsFailure(OpenSslSha256.Context* context, byte* message, nuint size)
    {
        Real(context, message, size);
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int HashesOneBlockOnly(OpenSslSha256.Context* context, byte* message, nuint size) => Real(context, message, 64);

    [UnmanagedCallersOnly]
    private static int ErrsInTheLastBit(OpenSslSha256.Context* context, byte* message, nuint size)
    {
        int result = Real(context, message, size);
        context->State.H7 ^= size > 64 ? 1u : 0u;
        return result;
    }

    [UnmanagedCallersOnly]
    private static int HasALargerContext(OpenSslSha256.Context* context, byte* message, nuint size)
    {
        ((byte*)context)[sizeof(OpenSslSha256.Context) + 40] = 0;
        return Real(context, message, size);
    }

    [UnmanagedCallersOnly]
    private static int KeepsBytesBack(OpenSslSha256.Context* context, byte* message, nuint size)
    {
        int result = Real(context, message, size);
        context->Buffered = 1;
        return result;
    }

    private static delegate* unmanaged<OpenSslSha256.Context*, byte*, nuint, int> FindReal()
    {
        foreach (string name in (string[])["libcrypto.so.3", "libcrypto.so.1.1"])
        {
            if (NativeLibrary.TryLoad(name, out nint library))
                return (delegate* unmanaged<OpenSslSha256.Context*, byte*, nuint, int>)NativeLibrary.GetExport(library, "SHA256_Update");
        }

        return null;
    }

    /// <summary>Pads a message and compresses it, so many blocks a call.</summary>
    private static byte[] Hash(byte[] message, int blocksAtOnce)
    {
        int blocks = (message.Length + 9 + 63) / 64;
        byte[] padded = [.. message, 0x80, .. new byte[(64 * blocks) - message.Length - 1]];
        BinaryPrimitives.WriteInt64BigEndian(padded.AsSpan(padded.Length - 8), 8L * message.Length);
        OpenSslSha256.Context context;
        Sha256.Create().State(out Digest state);
        fixed (byte* start = padded)
        {
            for (int block = 0; block < blocks; block += Math.Min(blocksAtOnce, blocks - block))
            {
                OpenSslSha256.Compress(&context, ref state, start + (64 * block), Math.Min(blocksAtOnce, blocks - block));
                state = context.State;
            }
        }

        byte[] digest = new byte[32];
        for (int word = 0; word < 8; word++)
            BinaryPrimitives.WriteUInt32BigEndian(digest.AsSpan(4 * word), Unsafe.Add(ref state.H0, word));
        return digest;
    }
}
