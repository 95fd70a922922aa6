using System.Text;
using GpuCrypt.Kernels.Batches;
using GpuCrypt.Kernels.Scheme;

namespace GpuCrypt.Ingest.Formats;

/// <summary>
/// Why a record was rejected, with the numbers that place the fault, and never a value of the record. Making one allocates nothing;
/// the sentence is put together by <see cref="Detail"/>.
/// </summary>
/// <param name="Reason">The reason.</param>
/// <param name="What">What is wrong, as a clause without numbers.</param>
public readonly record struct Rejection(RejectReason Reason, string What)
{
    /// <summary>The number that was expected; negative when there is none.</summary>
    public long Expected { get; init; } = -1;

    /// <summary>The number that was found; negative when there is none.</summary>
    public long Found { get; init; } = -1;

    /// <summary>The index of the row within the record; negative when the fault is not in a row.</summary>
    public int Row { get; init; } = -1;

    /// <summary>The index of the element within the row; negative when the fault is not in an element.</summary>
    public long Element { get; init; } = -1;

    /// <summary>The byte of the message at which the fault was noticed; negative when there is none.</summary>
    public long Offset { get; init; } = -1;

    /// <summary>The rejection that a device's row status stands for.</summary>
    /// <param name="status">The status: not pending, not done.</param>
    /// <param name="row">The row's index within its record.</param>
    public static Rejection FromStatus(RowStatus status, int row) => new(RejectReasons.FromStatus(status), status switch
    {
        RowStatus.Overflow => "an element of the ciphertext would be NaN or infinite",
        RowStatus.BadTag => "the tag does not belong to this ciphertext, IV and key",
        RowStatus.InvalidKey => "the key's scaling factor is 0",
        _ => "the row was not processed",
    })
    { Row = row };

    /// <summary>Looks for a row of a record that a device could not process.</summary>
    /// <param name="batch">A batch that a device is done with.</param>
    /// <param name="firstRow">The record's first row.</param>
    /// <param name="rows">The number of its rows.</param>
    /// <param name="rejection">The first failed row's rejection.</param>
    /// <returns>True when a row failed.</returns>
    public static bool TryFind(VectorBatch batch, int firstRow, int rows, out Rejection rejection)
    {
        ArgumentNullException.ThrowIfNull(batch);
        for (int i = 0; i < rows; i++)
        {
            RowStatus status = batch.Status(firstRow + i);
            if (status != RowStatus.Ok)
            {
                rejection = FromStatus(status, i);
                return true;
            }
        }

        rejection = default;
        return false;
    }

    /// <summary>One line: what is wrong, where, what was expected and found.</summary>
    public string Detail()
    {
        var text = new StringBuilder(What);
        Append(text, ", row ", Row);
        Append(text, ", element ", Element);
        Append(text, ", byte ", Offset);
        Append(text, ", expected ", Expected);
        Append(text, ", found ", Found);
        return text.ToString();
    }

    /// <summary>The reason's name and the detail.</summary>
    public override string ToString() => $"{Reason.Name()}: {Detail()}";

    private static void Append(StringBuilder text, string label, long number)
    {
        if (number >= 0)
            text.Append(label).Append(number);
    }
}
