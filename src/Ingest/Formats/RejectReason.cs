using GpuCrypt.Kernels.Scheme;

namespace GpuCrypt.Ingest.Formats;

/// <summary>Why a record or row was not processed. The names (<see cref="RejectReasons.Name"/>) are stable: headers, files and metrics carry them.</summary>
public enum RejectReason : byte
{
    /// <summary>It was not rejected.</summary>
    None = 0,

    /// <summary>A message or array has another number of bytes than its kind needs.</summary>
    WrongLength,

    /// <summary>A vector has another dimension than the configured one.</summary>
    WrongDimension,

    /// <summary>An element is NaN or infinite.</summary>
    NotFinite,

    /// <summary>A finite number lies outside the range of float32.</summary>
    OutOfRange,

    /// <summary>The message is not one well-formed JSON object.</summary>
    BadJson,

    /// <summary>The message is not a one- or two-dimensional floating-point .npy array.</summary>
    BadNpy,

    /// <summary>A field that the record needs is not there.</summary>
    MissingField,

    /// <summary>A field has a value of the wrong kind.</summary>
    BadField,

    /// <summary>A field that decides about the record is there twice.</summary>
    DuplicateField,

    /// <summary>The record is larger than a limit, or than a whole batch.</summary>
    TooLarge,

    /// <summary>The record carries metadata already, so it is a ciphertext.</summary>
    AlreadyEncrypted,

    /// <summary>The record carries no metadata, so it cannot be decrypted.</summary>
    MissingMetadata,

    /// <summary>The metadata cannot be read.</summary>
    BadMetadata,

    /// <summary>The record's content type names no known format.</summary>
    UnknownFormat,

    /// <summary>No tenant, or one that the configuration does not allow.</summary>
    UnknownTenant,

    /// <summary>The keyring holds no secret with the id that the metadata names.</summary>
    UnknownKey,

    /// <summary>The key cannot be used: its scaling factor is 0.</summary>
    InvalidKey,

    /// <summary>An element of the ciphertext would be NaN or infinite.</summary>
    Overflow,

    /// <summary>The tag does not belong to this ciphertext, IV and key.</summary>
    BadTag,
}

/// <summary>The names of the reasons. Stateless.</summary>
public static class RejectReasons
{
    /// <summary>The stable kebab-case name, such as <c>wrong-length</c>.</summary>
    public static string Name(this RejectReason reason) => reason switch
    {
        RejectReason.None => "none",
        RejectReason.WrongLength => "wrong-length",
        RejectReason.WrongDimension => "wrong-dimension",
        RejectReason.NotFinite => "not-finite",
        RejectReason.OutOfRange => "out-of-range",
        RejectReason.BadJson => "bad-json",
        RejectReason.BadNpy => "bad-npy",
        RejectReason.MissingField => "missing-field",
        RejectReason.BadField => "bad-field",
        RejectReason.DuplicateField => "duplicate-field",
        RejectReason.TooLarge => "too-large",
        RejectReason.AlreadyEncrypted => "already-encrypted",
        RejectReason.MissingMetadata => "missing-metadata",
        RejectReason.BadMetadata => "bad-metadata",
        RejectReason.UnknownFormat => "unknown-format",
        RejectReason.UnknownTenant => "unknown-tenant",
        RejectReason.UnknownKey => "unknown-key",
        RejectReason.InvalidKey => "invalid-key",
        RejectReason.Overflow => "overflow",
        RejectReason.BadTag => "bad-tag",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, null),
    };

    /// <summary>The reason that a device's row status stands for; <see cref="RejectReason.None"/> for a row that is done.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The row has not been processed.</exception>
    public static RejectReason FromStatus(RowStatus status) => status switch
    {
        RowStatus.Ok => RejectReason.None,
        RowStatus.Overflow => RejectReason.Overflow,
        RowStatus.BadTag => RejectReason.BadTag,
        RowStatus.InvalidKey => RejectReason.InvalidKey,
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "The row has not been processed."),
    };
}
