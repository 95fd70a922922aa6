using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using GpuCrypt.Kernels.Scheme;

namespace GpuCrypt.Kernels.Devices.Cpu;

/// <summary>
/// SHA-256 over whole blocks from any chaining state, by the OpenSSL that the runtime's own cryptography loads: the processor's SHA
/// instructions, which the runtime does not offer on x86, without the set-up of a hash object. Stateless.
/// </summary>
/// <remarks>
/// The functions are OpenSSL's low-level ones, deprecated in its version 3 and left out of some builds, and the layout of their context
/// is theirs to change: what was found is used only after it has given known answers and written nothing beyond its context. Elsewhere
/// (no Linux, no such library, no such function, another answer) <see cref="IsAvailable"/> is false and nothing of it is ever called.
/// </remarks>
internal static unsafe class OpenSslSha256
{
    private const int BlockSize = 64;

    private static readonly delegate* unmanaged<Context*, byte*, nuint, int> Update = Find();

    /// <summary>Whether <see cref="Compress"/> may be called.</summary>
    public static bool IsAvailable => Update != null;

    /// <summary>Compresses blocks.</summary>
    /// <param name="context">Receives the chaining state after them; needs no preparation.</param>
    /// <param name="state">The chaining state before them.</param>
    /// <param name="blocks">The blocks.</param>
    /// <param name="count">How many, at least 1.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Compress(Context* context, ref Digest state, byte* blocks, int count)
    {
        Start(context, ref state);
        // The ordinary transition, which lets the collector run meanwhile: it costs less than 5 ns.
        _ = Update(context, blocks, (nuint)count * BlockSize);
    }

    /// <summary>
    /// Prepares a context. A method of its own, with 256-bit instructions and never inlined, because the compiler clears the registers' upper
    /// halves at the end of such a method and not before a native call: with anything in them OpenSSL's code, which is encoded without
    /// AVX, takes a fifth longer.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Start(Context* context, ref Digest state)
    {
        Vector256.LoadUnsafe(ref state.H0).Store((uint*)&context->State);
        context->Buffered = 0;
    }

    private static delegate* unmanaged<Context*, byte*, nuint, int> Find()
    {
        if (!OperatingSystem.IsLinux())
            return null;
        // The names and their order are the runtime's own, so that this finds the library which is loaded already.
        string? version = Environment.GetEnvironmentVariable("CLR_OPENSSL_VERSION_OVERRIDE");
        string[] names = version is null ? ["libcrypto.so.3", "libcrypto.so.1.1"] : [$"libcrypto.so.{version}", "libcrypto.so.3", "libcrypto.so.1.1"];
        foreach (string name in names)
        {
            if (!NativeLibrary.TryLoad(name, out nint library))
                continue;
            if (!NativeLibrary.TryGetExport(library, "SHA256_Update", out nint function))
                return null;
            var update = (delegate* unmanaged<Context*, byte*, nuint, int>)function;
            return GivesKnownAnswers(update) ? update : null;
        }

        return null;
    }

    /// <summary>One block, and several in a call, against FIPS 180-4's example and the scheme's own hash.</summary>
    internal static bool GivesKnownAnswers(delegate* unmanaged<Context*, byte*, nuint, int> update)
    {
        const int Blocks = 5;
        const byte Untouched = 0xa5;
        // Far more than a context, so that a larger one than expected is noticed rather than suffered.
        int room = 8 * sizeof(Context);
        byte* memory = stackalloc byte[room];
        byte* message = stackalloc byte[Blocks * BlockSize];
        var context = (Context*)memory;
        new Span<byte>(memory, room).Fill(Untouched);

        // "abc", padded to its one block.
        new Span<byte>(message, BlockSize).Clear();
        "abc"u8.CopyTo(new Span<byte>(message, 3));
        message[3] = 0x80;
        message[BlockSize - 1] = 24;
        Sha256.Create().State(out context->State);
        context->Buffered = 0;
        Digest abc = new()
        {
            H0 = 0xba7816bf,
            H1 = 0x8f01cfea,
            H2 = 0x414140de,
            H3 = 0x5dae2223,
            H4 = 0xb00361a3,
            H5 = 0x96177a9c,
            H6 = 0xb410ff61,
            H7 = 0xf20015ad,
        };
        bool right = update(context, message, BlockSize) == 1 && context->Buffered == 0 && Digest.FixedTimeEquals(ref context->State, ref abc);

        // On from that state, from an address that is not aligned.
        Sha256 expected = Sha256.Resume(ref abc, 1);
        for (int i = 0; i < Blocks * BlockSize; i++)
            message[i] = (byte)(i * 7);
        for (int i = 1; i <= (Blocks - 1) * BlockSize; i++)
            expected.AppendByte(message[i]);
        expected.State(out Digest state);
        right &= update(context, message + 1, (Blocks - 1) * BlockSize) == 1 && context->Buffered == 0 && Digest.FixedTimeEquals(ref context->State, ref state);
        return right && !new ReadOnlySpan<byte>(memory + sizeof(Context), room - sizeof(Context)).ContainsAnyExcept(Untouched);
    }

    /// <summary>OpenSSL's SHA256_CTX.</summary>
    internal struct Context
    {
        /// <summary>The chaining state.</summary>
        public Digest State;

        /// <summary>The message's length so far in bits, in two words; nothing reads it here.</summary>
        public fixed uint Length[2];

        /// <summary>A block that is not full; always empty here.</summary>
        public fixed byte Block[BlockSize];

        /// <summary>The bytes in <see cref="Block"/>.</summary>
        public uint Buffered;

        /// <summary>The digest's size; nothing reads it here.</summary>
        public uint DigestSize;
    }
}
