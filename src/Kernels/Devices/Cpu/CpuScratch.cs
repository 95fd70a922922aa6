using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace GpuCrypt.Kernels.Devices.Cpu;

/// <summary>One worker's scratch rows, grown to the largest dimension seen, wiped before they are given back. Not thread-safe.</summary>
internal sealed unsafe class CpuScratch : IDisposable
{
    // The ciphertext follows 20 bytes of message; this puts it on a 64-byte boundary.
    private const int MessageOffset = 64 - CpuRows.TagHeaderSize;

    private byte* _memory;
    private nuint _size;
    private nuint _groupSize;
    private int _dimension = -1;

    /// <summary>Room for the normals of one row, and what making them writes beyond.</summary>
    public float* Normals { get; private set; }

    /// <summary>Room for the normals of another row.</summary>
    public float* OtherNormals { get; private set; }

    /// <summary>Room for one row of plaintext in shuffled order.</summary>
    public float* Shuffled { get; private set; }

    /// <summary>Room for one row of plaintext.</summary>
    public float* Plain { get; private set; }

    /// <summary>Room for a group of plaintext rows, each <see cref="GroupStride"/> elements; reserved by <see cref="ReserveGroup"/>.</summary>
    public float* Group { get; private set; }

    /// <summary>The elements from one row of the group to the next.</summary>
    public int GroupStride { get; private set; }

    /// <summary>Room for the message of a tag: 20 bytes, then the elements, then its padding.</summary>
    public byte* Message { get; private set; }

    /// <summary>Room for the message of a synthetic IV.</summary>
    public byte[] IvMessage { get; private set; } = [];

    /// <summary>Makes room for rows of a dimension.</summary>
    public void Reserve(int dimension)
    {
        if (dimension <= _dimension)
            return;
        Release();
        nuint row = (((nuint)dimension * sizeof(float)) + 63) & ~(nuint)63;
        nuint normals = row + ((ZigguratRun<PortableKernel>.Overrun * sizeof(float)) & ~(nuint)63);
        _size = (3 * row) + (2 * normals) + MessageOffset + CpuRows.TagHeaderSize + RowHmac.PaddingRoom;
        _memory = (byte*)NativeMemory.AlignedAlloc(_size, 64);
        NativeMemory.Clear(_memory, _size);
        Normals = (float*)_memory;
        OtherNormals = (float*)(_memory + normals);
        Shuffled = (float*)(_memory + (2 * normals));
        Plain = (float*)(_memory + (2 * normals) + row);
        Message = _memory + (2 * normals) + (2 * row) + MessageOffset;
        _dimension = dimension;
    }

    /// <summary>Makes room for a group of plaintext rows of a dimension.</summary>
    public void ReserveGroup(int dimension, int rows)
    {
        GroupStride = (dimension + 15) & ~15;
        nuint size = (nuint)GroupStride * (nuint)rows * sizeof(float);
        if (size <= _groupSize)
            return;
        ReleaseGroup();
        Group = (float*)NativeMemory.AlignedAlloc(size, 64);
        _groupSize = size;
        NativeMemory.Clear(Group, size);
    }

    /// <summary>Makes room for the message of a synthetic IV.</summary>
    public void ReserveIvMessage(int size)
    {
        if (size <= IvMessage.Length)
            return;
        CryptographicOperations.ZeroMemory(IvMessage);
        IvMessage = GC.AllocateUninitializedArray<byte>(size, pinned: true);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Release();
        ReleaseGroup();
        CryptographicOperations.ZeroMemory(IvMessage);
        IvMessage = [];
    }

    private void Release()
    {
        if (_memory == null)
            return;
        NativeMemory.Clear(_memory, _size);
        NativeMemory.AlignedFree(_memory);
        _memory = null;
        _dimension = -1;
    }

    private void ReleaseGroup()
    {
        if (Group == null)
            return;
        NativeMemory.Clear(Group, _groupSize);
        NativeMemory.AlignedFree(Group);
        Group = null;
        _groupSize = 0;
    }
}
