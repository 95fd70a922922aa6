using GpuCrypt.Ingest.Formats;
using GpuCrypt.Kernels.Keys;

namespace GpuCrypt.Ingest.Kafka;

/// <summary>Where the keys of a topic's records come from. Called for every record: a hit allocates nothing. Thread-safe.</summary>
public interface IRecordKeys
{
    /// <summary>Adds the key of a tenant and derivation path to a batch's table.</summary>
    /// <param name="table">The batch's keys.</param>
    /// <param name="tenant">The tenant in UTF-8.</param>
    /// <param name="derivationPath">The derivation path in UTF-8.</param>
    /// <param name="vectors">How many vectors of the record are about to be encrypted under it.</param>
    /// <param name="index">The key's index in the table.</param>
    /// <param name="rejection">Why there is no such key.</param>
    /// <returns>False when the record is rejected.</returns>
    bool TryAdd(KeyTable table, ReadOnlySpan<byte> tenant, ReadOnlySpan<byte> derivationPath, int vectors, out int index, out Rejection rejection);
}
