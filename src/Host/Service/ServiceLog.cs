using Microsoft.Extensions.Logging;

namespace GpuCrypt.Host.Service;

/// <summary>Every message that the streaming service logs, with its event id. None holds a key, a plaintext value or a tenant's name.</summary>
internal static partial class ServiceLog
{
    [LoggerMessage(1, LogLevel.Information, "gpucrypt {Version}: device {Device} ({Hardware}, {Detail}, {Units} threads), librdkafka {Librdkafka}, keyring {Keyring}")]
    public static partial void Starting(this ILogger logger, string version, string device, string hardware, string detail, int units, string librdkafka, string keyring);

    [LoggerMessage(2, LogLevel.Information, "{Source} -> {Sink} ({Format}), dead letters to {DeadLetter}, secret path {SecretPath}")]
    public static partial void Route(this ILogger logger, string source, string sink, string format, string deadLetter, string secretPath);

    [LoggerMessage(3, LogLevel.Information, "the embedded broker listens on {BootstrapServers}; it keeps 5 MiB a partition, for trying things out only")]
    public static partial void EmbeddedBroker(this ILogger logger, string bootstrapServers);

    [LoggerMessage(4, LogLevel.Warning, "batches are not locked into memory: raise the limit on locked memory (ulimit -l) to at least {MiB} MiB, or plaintexts may reach swap")]
    public static partial void NotLocked(this ILogger logger, long miB);

    [LoggerMessage(5, LogLevel.Information, "stopping: consuming no more, finishing what was consumed (at most {DrainTimeout})")]
    public static partial void Stopping(this ILogger logger, TimeSpan drainTimeout);

    [LoggerMessage(6, LogLevel.Information, "stopped: {RecordsIn} records in, {RecordsOut} delivered, {Rejected} of them to dead-letter topics; everything is committed")]
    public static partial void Stopped(this ILogger logger, long recordsIn, long recordsOut, long rejected);

    [LoggerMessage(7, LogLevel.Information, "{RecordsIn} records in, {RecordsOut} delivered, {RecordsPerSecond:0} a second, {Rejected} rejected, {Occupied} of {Batches} batches in use")]
    public static partial void Progress(this ILogger logger, long recordsIn, long recordsOut, double recordsPerSecond, long rejected, int occupied, int batches);

    [LoggerMessage(10, LogLevel.Information, "assigned {Count} partitions: {Partitions}")]
    public static partial void Assigned(this ILogger logger, int count, string partitions);

    [LoggerMessage(11, LogLevel.Information, "gave {Count} partitions up, everything consumed from them delivered and committed: {Partitions}")]
    public static partial void Revoked(this ILogger logger, int count, string partitions);

    [LoggerMessage(12, LogLevel.Warning, "gave {Count} partitions up before everything consumed from them was committed; their next consumer processes those records again: {Partitions}")]
    public static partial void RevokedUndrained(this ILogger logger, int count, string partitions);

    [LoggerMessage(13, LogLevel.Warning, "consumption paused: every batch waits for the device or the sink")]
    public static partial void Paused(this ILogger logger);

    [LoggerMessage(14, LogLevel.Information, "consumption goes on")]
    public static partial void Resumed(this ILogger logger);

    [LoggerMessage(20, LogLevel.Warning, "{Topic}[{Partition}]@{Offset} rejected: {Rejection}; sent to {DeadLetter}")]
    public static partial void Rejected(this ILogger logger, string topic, int partition, long offset, string rejection, string deadLetter);

    [LoggerMessage(21, LogLevel.Warning, "{Topic}[{Partition}]@{Offset} not delivered, trying again: {Reason}")]
    public static partial void NotDelivered(this ILogger logger, string topic, int partition, long offset, string reason);

    [LoggerMessage(24, LogLevel.Warning, "{Count} more records were rejected and not logged one by one; the dead-letter topics have them all, with their reasons")]
    public static partial void RejectedMore(this ILogger logger, long count);

    [LoggerMessage(22, LogLevel.Error, "{Records} records were consumed but not acknowledged within {DrainTimeout}; they are not committed and will be processed again")]
    public static partial void NotDrained(this ILogger logger, long records, TimeSpan drainTimeout);

    [LoggerMessage(23, LogLevel.Error, "the last offsets could not be committed: what was delivered since the last commit will be processed again")]
    public static partial void NotCommitted(this ILogger logger);

    [LoggerMessage(30, LogLevel.Warning, "kafka {Client}: {Code}: {Reason}")]
    public static partial void ClientError(this ILogger logger, string client, string code, string reason);

    [LoggerMessage(31, LogLevel.Debug, "kafka {Client} {Facility}: {Message}")]
    public static partial void Client(this ILogger logger, string client, string facility, string message);

    [LoggerMessage(32, LogLevel.Warning, "topic {Topic} is not there, or the cluster does not answer yet; records for it wait")]
    public static partial void TopicMissing(this ILogger logger, string topic);

    [LoggerMessage(40, LogLevel.Warning, "key use: {Warning}")]
    public static partial void KeyUse(this ILogger logger, string warning);

    [LoggerMessage(41, LogLevel.Error, "the latency log cannot be written: {Reason}")]
    public static partial void LatencyLogFailed(this ILogger logger, string reason);
}
