using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace GpuCrypt.Ingest.Formats;

/// <summary>An IEEE floating-point type as it lies in a message or file.</summary>
internal enum FloatType : byte
{
    Float16,
    Float32,
    Float64,
}

/// <summary>Elements of any float type and byte order to float32, with vectors, watching for what is not finite. Stateless.</summary>
internal static class FloatConversion
{
    private const uint ExponentMask = 0x7f800000;
    private const int Chunk = 256;

    public static int Size(FloatType type) => 2 << (int)type;

    /// <summary>Converts <c>destination.Length</c> elements, rounding float64 to nearest, ties to even.</summary>
    /// <param name="type">The type of the source.</param>
    /// <param name="bigEndian">Its byte order.</param>
    /// <param name="source">The elements, at any alignment.</param>
    /// <param name="destination">Receives float32.</param>
    /// <returns>The index of the first element whose float32 is NaN or infinite, or −1; then all were converted.</returns>
    public static int ToSingle(FloatType type, bool bigEndian, ReadOnlySpan<byte> source, Span<float> destination)
    {
        if (type == FloatType.Float32)
        {
            Span<byte> bytes = MemoryMarshal.AsBytes(destination);
            source[..bytes.Length].CopyTo(bytes);
            if (bigEndian != !BitConverter.IsLittleEndian)
            {
                Span<uint> words = MemoryMarshal.Cast<float, uint>(destination);
                BinaryPrimitives.ReverseEndianness(words, words);
            }

            return FirstNotFinite(destination);
        }

        if (bigEndian == !BitConverter.IsLittleEndian)
            return Convert(type, source, destination);

        Span<ulong> scratch = stackalloc ulong[Chunk];
        int size = Size(type);
        for (int done = 0; done < destination.Length; done += Chunk)
        {
            int count = Math.Min(Chunk, destination.Length - done);
            Span<byte> bytes = MemoryMarshal.AsBytes(scratch)[..(count * size)];
            source.Slice(done * size, bytes.Length).CopyTo(bytes);
            if (type == FloatType.Float16)
                BinaryPrimitives.ReverseEndianness(MemoryMarshal.Cast<byte, ushort>(bytes), MemoryMarshal.Cast<byte, ushort>(bytes));
            else
                BinaryPrimitives.ReverseEndianness(MemoryMarshal.Cast<byte, ulong>(bytes), MemoryMarshal.Cast<byte, ulong>(bytes));
            int bad = Convert(type, bytes, destination.Slice(done, count));
            if (bad >= 0)
                return done + bad;
        }

        return -1;
    }

    /// <summary>Why an element has no finite float32: it is NaN or infinite itself, or a float64 beyond the range.</summary>
    public static RejectReason WhyNot(FloatType type, bool bigEndian, ReadOnlySpan<byte> element) =>
        type == FloatType.Float64
        && double.IsFinite(bigEndian ? BinaryPrimitives.ReadDoubleBigEndian(element) : BinaryPrimitives.ReadDoubleLittleEndian(element))
            ? RejectReason.OutOfRange
            : RejectReason.NotFinite;

    /// <summary>The index of the first NaN or infinity, or −1.</summary>
    public static int FirstNotFinite(ReadOnlySpan<float> values)
    {
        ref uint start = ref Unsafe.As<float, uint>(ref MemoryMarshal.GetReference(values));
        var mask = new Vector<uint>(ExponentMask);
        int at = 0;
        Vector<uint> found = Vector<uint>.Zero;
        for (; at <= values.Length - Vector<uint>.Count; at += Vector<uint>.Count)
            found |= Vector.Equals(Vector.LoadUnsafe(ref start, (nuint)at) & mask, mask);
        if (found == Vector<uint>.Zero)
        {
            while (at < values.Length && float.IsFinite(values[at]))
                at++;
            return at == values.Length ? -1 : at;
        }

        int index = 0;
        while (float.IsFinite(values[index]))
            index++;
        return index;
    }

    private static int Convert(FloatType type, ReadOnlySpan<byte> source, Span<float> destination)
    {
        if (type == FloatType.Float16)
            FromHalf(source, destination);
        else
            FromDouble(source, destination);
        return FirstNotFinite(destination);
    }

    private static void FromDouble(ReadOnlySpan<byte> source, Span<float> destination)
    {
        ref byte from = ref MemoryMarshal.GetReference(source);
        ref float to = ref MemoryMarshal.GetReference(destination);
        int at = 0;
        for (; at <= destination.Length - Vector<float>.Count; at += Vector<float>.Count)
        {
            var low = Unsafe.ReadUnaligned<Vector<double>>(ref Unsafe.Add(ref from, (nint)at * 8));
            var high = Unsafe.ReadUnaligned<Vector<double>>(ref Unsafe.Add(ref from, ((nint)at + Vector<double>.Count) * 8));
            Vector.Narrow(low, high).StoreUnsafe(ref to, (nuint)at);
        }

        for (; at < destination.Length; at++)
            destination[at] = (float)Unsafe.ReadUnaligned<double>(ref Unsafe.Add(ref from, (nint)at * 8));
    }

    private static void FromHalf(ReadOnlySpan<byte> source, Span<float> destination)
    {
        ref byte from = ref MemoryMarshal.GetReference(source);
        ref float to = ref MemoryMarshal.GetReference(destination);
        int at = 0;
        for (; at <= destination.Length - Vector<ushort>.Count; at += Vector<ushort>.Count)
        {
            var halves = Unsafe.ReadUnaligned<Vector<ushort>>(ref Unsafe.Add(ref from, (nint)at * 2));
            Vector.Widen(halves, out Vector<uint> low, out Vector<uint> high);
            FromHalfBits(low).StoreUnsafe(ref to, (nuint)at);
            FromHalfBits(high).StoreUnsafe(ref to, (nuint)(at + Vector<uint>.Count));
        }

        for (; at < destination.Length; at++)
            destination[at] = (float)Unsafe.ReadUnaligned<Half>(ref Unsafe.Add(ref from, (nint)at * 2));
    }

    // The 5-bit exponent is re-biased by adding 112; infinity and NaN by another 112, so that they stay what they are. A subnormal half
    // is given an implicit 1 that it does not have, 2^-14, which is then subtracted: exact, and without a subnormal operand.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> FromHalfBits(Vector<uint> half)
    {
        var halfExponent = new Vector<uint>(0x7c00u << 13);
        var bias = new Vector<uint>(112u << 23);
        Vector<uint> bits = (half & new Vector<uint>(0x7fff)) << 13;
        Vector<uint> exponent = bits & halfExponent;
        Vector<uint> normal = bits + bias + (Vector.Equals(exponent, halfExponent) & bias);
        Vector<float> subnormal = (bits + new Vector<uint>(113u << 23)).As<uint, float>() - new Vector<uint>(113u << 23).As<uint, float>();
        Vector<uint> magnitude = Vector.ConditionalSelect(Vector.Equals(exponent, Vector<uint>.Zero), subnormal.As<float, uint>(), normal);
        return (magnitude | ((half & new Vector<uint>(0x8000)) << 16)).As<uint, float>();
    }
}
