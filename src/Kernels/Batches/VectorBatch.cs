using System.Runtime.CompilerServices;
using GpuCrypt.Kernels.Keys;
using GpuCrypt.Kernels.Scheme;

namespace GpuCrypt.Kernels.Batches;

/// <summary>
/// Rows of float32 of any dimensions, with their keys, IVs, tags and status, as a structure of arrays in page-locked memory. Filled in
/// place by one thread, handed to a device, read by one thread. Not thread-safe beyond that handing on.
/// </summary>
/// <remarks>
/// Every row starts on a 64-byte boundary and is readable and writable to its end rounded up to 16 elements. Inputs stay as they are
/// while a device works, so rows can be done again on another device.
/// </remarks>
public sealed unsafe class VectorBatch : IDisposable
{
    /// <summary>The size of an IV in bytes.</summary>
    public const int IvSize = Iv.Size;

    /// <summary>The size of a tag in bytes.</summary>
    public const int TagSize = Digest.Size;

    /// <summary>The largest dimension of a row, 2^26: every size in bytes that a device computes from it fits in 31 bits.</summary>
    public const int MaximumDimension = 1 << 26;

    private const int RowAlignment = 16;

    private readonly BatchMemory _memory;
    private readonly nuint _size;
    private nint _pointer;
    private int _idBytesUsed;

    /// <summary>Allocates a batch.</summary>
    /// <param name="rowCapacity">The largest number of rows.</param>
    /// <param name="valueCapacity">The largest number of elements over all rows, each row rounded up to 16.</param>
    /// <param name="memory">Where the memory comes from; page-locked by the operating system when null.</param>
    /// <exception cref="ArgumentOutOfRangeException">A capacity is below 1, or the values do not fit in 2^31 elements.</exception>
    public VectorBatch(int rowCapacity, int valueCapacity, BatchMemory? memory = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rowCapacity, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(valueCapacity, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(valueCapacity, int.MaxValue - RowAlignment);
        _memory = memory ?? BatchMemory.PageLocked;
        RowCapacity = rowCapacity;
        ValueCapacity = RoundUp(valueCapacity);
        RecordIdCapacity = (int)Math.Clamp(rowCapacity * 32L, 65536, 1 << 30);

        nuint rows = (nuint)rowCapacity;
        nuint values = (nuint)ValueCapacity * sizeof(float);
        nuint at = 0;
        nuint inputs = Take(ref at, values);
        nuint outputs = Take(ref at, values);
        nuint offsets = Take(ref at, rows * sizeof(int));
        nuint dimensions = Take(ref at, rows * sizeof(int));
        nuint keys = Take(ref at, rows * sizeof(int));
        nuint targetKeys = Take(ref at, rows * sizeof(int));
        nuint inputIvs = Take(ref at, rows * IvSize);
        nuint outputIvs = Take(ref at, rows * IvSize);
        nuint inputTags = Take(ref at, rows * TagSize);
        nuint outputTags = Take(ref at, rows * TagSize);
        nuint statuses = Take(ref at, rows);
        nuint ordinals = Take(ref at, rows * sizeof(int));
        nuint idOffsets = Take(ref at, rows * sizeof(int));
        nuint idSizes = Take(ref at, rows * sizeof(int));
        nuint ids = Take(ref at, (nuint)RecordIdCapacity);
        _size = at;
        _pointer = _memory.Allocate(at);
        byte* start = (byte*)_pointer;
        Inputs = (float*)(start + inputs);
        Outputs = (float*)(start + outputs);
        Offsets = (int*)(start + offsets);
        Dimensions = (int*)(start + dimensions);
        KeyIndexes = (int*)(start + keys);
        TargetKeyIndexes = (int*)(start + targetKeys);
        InputIvs = start + inputIvs;
        OutputIvs = start + outputIvs;
        InputTags = start + inputTags;
        OutputTags = start + outputTags;
        Statuses = start + statuses;
        Ordinals = (int*)(start + ordinals);
        RecordIdOffsets = (int*)(start + idOffsets);
        RecordIdSizes = (int*)(start + idSizes);
        RecordIds = start + ids;
    }

    /// <summary>The largest number of rows.</summary>
    public int RowCapacity { get; }

    /// <summary>The largest number of elements.</summary>
    public int ValueCapacity { get; }

    /// <summary>The bytes that record ids may take together.</summary>
    public int RecordIdCapacity { get; }

    /// <summary>The number of rows.</summary>
    public int Rows { get; private set; }

    /// <summary>The number of elements in use, padding included.</summary>
    public int ValuesUsed { get; private set; }

    /// <summary>The keys that the rows name.</summary>
    public KeyTable Keys { get; } = new();

    /// <summary>Where the output IVs come from when the batch is encrypted or rotated.</summary>
    public IvSource IvSource { get; set; } = IvSource.Random;

    /// <summary>When a device last finished the batch, as <see cref="System.Diagnostics.Stopwatch.GetTimestamp"/> tells time.</summary>
    public long CompletedAt { get; internal set; }

    internal float* Inputs { get; }

    internal float* Outputs { get; }

    internal int* Offsets { get; }

    internal int* Dimensions { get; }

    internal int* KeyIndexes { get; }

    internal int* TargetKeyIndexes { get; }

    internal byte* InputIvs { get; }

    internal byte* OutputIvs { get; }

    internal byte* InputTags { get; }

    internal byte* OutputTags { get; }

    internal byte* Statuses { get; }

    internal int* Ordinals { get; }

    internal int* RecordIdOffsets { get; }

    internal int* RecordIdSizes { get; }

    internal byte* RecordIds { get; }

    /// <summary>
    /// Where devices keep what they know of this batch while it is with them. Disposed before the batch's memory is given back: a device
    /// that still works on the batch finishes there.
    /// </summary>
    internal object? DeviceState { get; set; }

    /// <summary>True when <paramref name="rows"/> more rows of <paramref name="dimension"/> elements each fit.</summary>
    public bool HasRoom(int rows, int dimension) =>
        rows <= RowCapacity - Rows && dimension <= MaximumDimension && (long)rows * RoundUp(dimension) <= ValueCapacity - ValuesUsed;

    /// <summary>True when such rows would fit into an empty batch.</summary>
    public bool CouldHold(long rows, long dimension) =>
        rows <= RowCapacity && dimension <= Math.Min(ValueCapacity, MaximumDimension) && rows * ((dimension + RowAlignment - 1) / RowAlignment * RowAlignment) <= ValueCapacity;

    /// <summary>True when a record id of <paramref name="size"/> bytes still fits.</summary>
    public bool HasRecordIdRoom(int size) => size <= RecordIdCapacity - _idBytesUsed;

    /// <summary>Appends a row. Its input is whatever the memory held; the caller writes all of it.</summary>
    /// <param name="dimension">The number of elements, 0 or more.</param>
    /// <param name="keyIndex">The row's key in <see cref="Keys"/>.</param>
    /// <param name="row">The row's index.</param>
    /// <returns>False when the batch has no room for it; then nothing has changed.</returns>
    /// <exception cref="ObjectDisposedException">The batch was disposed.</exception>
    public bool TryAddRow(int dimension, int keyIndex, out int row)
    {
        ObjectDisposedException.ThrowIf(_pointer == 0, this);
        ArgumentOutOfRangeException.ThrowIfNegative(dimension);
        row = Rows;
        if (!HasRoom(1, dimension))
            return false;
        Offsets[row] = ValuesUsed;
        Dimensions[row] = dimension;
        KeyIndexes[row] = keyIndex;
        TargetKeyIndexes[row] = keyIndex;
        Ordinals[row] = 0;
        RecordIdOffsets[row] = 0;
        RecordIdSizes[row] = 0;
        Statuses[row] = (byte)RowStatus.Pending;
        ValuesUsed += RoundUp(dimension);
        Rows++;
        return true;
    }

    /// <summary>Removes the last rows, so that <paramref name="rows"/> are left: a record that turned out bad half-way.</summary>
    public void Truncate(int rows)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)rows, (uint)Rows, nameof(rows));
        if (rows < Rows)
            ValuesUsed = Offsets[rows];
        Rows = rows;
    }

    /// <summary>Empties the batch and lets its keys go. Values stay in memory until they are overwritten or the batch is disposed.</summary>
    public void Clear()
    {
        Rows = 0;
        ValuesUsed = 0;
        _idBytesUsed = 0;
        Keys.Clear();
    }

    /// <summary>The input of a row, d elements.</summary>
    public Span<float> Input(int row) => new(Inputs + Offsets[Checked(row)], Dimensions[row]);

    /// <summary>The output of a row, d elements; valid when its status is <see cref="RowStatus.Ok"/>.</summary>
    public Span<float> Output(int row) => new(Outputs + Offsets[Checked(row)], Dimensions[row]);

    /// <summary>The row's dimension d.</summary>
    public int Dimension(int row) => Dimensions[Checked(row)];

    /// <summary>The index of the row's key; for a rotation, of the key that it is decrypted under.</summary>
    public int KeyIndex(int row) => KeyIndexes[Checked(row)];

    /// <summary>The index of the key that a rotation encrypts the row under; the row's own key unless set.</summary>
    public ref int TargetKeyIndex(int row) => ref TargetKeyIndexes[Checked(row)];

    /// <summary>What became of the row.</summary>
    public RowStatus Status(int row) => (RowStatus)Statuses[Checked(row)];

    /// <summary>The IV that came with the row (decrypt, rotate), 12 bytes.</summary>
    public Span<byte> InputIv(int row) => new(InputIvs + ((nint)Checked(row) * IvSize), IvSize);

    /// <summary>The tag that came with the row (decrypt, rotate), 32 bytes.</summary>
    public Span<byte> InputTag(int row) => new(InputTags + ((nint)Checked(row) * TagSize), TagSize);

    /// <summary>The IV that the row is encrypted under, 12 bytes; written by the caller only where <see cref="IvSource"/> is given.</summary>
    public Span<byte> OutputIv(int row) => new(OutputIvs + ((nint)Checked(row) * IvSize), IvSize);

    /// <summary>The tag of the row's ciphertext, 32 bytes.</summary>
    public Span<byte> OutputTag(int row) => new(OutputTags + ((nint)Checked(row) * TagSize), TagSize);

    /// <summary>Names the record that a row belongs to, for synthetic IVs.</summary>
    /// <param name="row">The row.</param>
    /// <param name="recordId">The record's id in bytes.</param>
    /// <param name="ordinal">The row's index within the record.</param>
    /// <returns>False when the batch has no room for the id.</returns>
    public bool TrySetRecordId(int row, ReadOnlySpan<byte> recordId, int ordinal)
    {
        // The rows of one record share its id.
        if (Checked(row) > 0 && ordinal > 0 && RecordIdSizes[row - 1] == recordId.Length && RecordId(row - 1).SequenceEqual(recordId))
        {
            RecordIdOffsets[row] = RecordIdOffsets[row - 1];
        }
        else
        {
            if (recordId.Length > RecordIdCapacity - _idBytesUsed)
                return false;
            recordId.CopyTo(new Span<byte>(RecordIds + _idBytesUsed, recordId.Length));
            RecordIdOffsets[row] = _idBytesUsed;
            _idBytesUsed += recordId.Length;
        }

        RecordIdSizes[row] = recordId.Length;
        Ordinals[row] = ordinal;
        return true;
    }

    /// <summary>Wipes the memory and gives it back. Waits first for a device that has the batch.</summary>
    public void Dispose()
    {
        // First what may still be using the memory and the keys.
        (DeviceState as IDisposable)?.Dispose();
        DeviceState = null;
        nint pointer = Interlocked.Exchange(ref _pointer, 0);
        if (pointer == 0)
            return;
        Clear();
        _memory.Free(pointer, _size);
    }

    /// <summary>Checks that every row's keys are in the table, which devices do not.</summary>
    /// <exception cref="ArgumentException">A row names a key that is not there.</exception>
    internal void CheckKeys(BatchOperation operation)
    {
        for (int row = 0; row < Rows; row++)
        {
            if ((uint)KeyIndexes[row] >= (uint)Keys.Count || (operation == BatchOperation.Rotate && (uint)TargetKeyIndexes[row] >= (uint)Keys.Count))
                throw new ArgumentException($"Row {row} names key {KeyIndexes[row]} (target {TargetKeyIndexes[row]}), the batch has {Keys.Count} keys.");
        }
    }

    internal ReadOnlySpan<byte> RecordId(int row) => new(RecordIds + RecordIdOffsets[row], RecordIdSizes[row]);

    private static int RoundUp(int elements) => (elements + RowAlignment - 1) & ~(RowAlignment - 1);

    private static nuint Take(ref nuint at, nuint size)
    {
        nuint start = at;
        at += (size + 63) & ~(nuint)63;
        return start;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Checked(int row)
    {
        ObjectDisposedException.ThrowIf(_pointer == 0, this);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Rows, nameof(row));
        return row;
    }
}
