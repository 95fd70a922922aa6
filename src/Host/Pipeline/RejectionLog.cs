using GpuCrypt.Host.Service;
using GpuCrypt.Ingest.Kafka;
using Microsoft.Extensions.Logging;

namespace GpuCrypt.Host.Pipeline;

/// <summary>
/// Logs rejected records, a few a second by name and the rest by their number: a topic of nothing but bad records must not turn into a
/// log of the same rate. Thread-safe.
/// </summary>
internal sealed class RejectionLog(ILogger logger, TimeProvider? clock = null)
{
    /// <summary>The records that are named in a second.</summary>
    public const int NamedPerSecond = 50;

    private readonly TimeProvider _clock = clock ?? TimeProvider.System;
    private readonly Lock _lock = new();
    private long _secondStarted;
    private int _named;
    private long _unnamed;

    /// <summary>Logs a record, or counts it.</summary>
    public void Add(KafkaRecord record)
    {
        if (!logger.IsEnabled(LogLevel.Warning))
            return;
        lock (_lock)
        {
            if (_clock.GetElapsedTime(_secondStarted) >= TimeSpan.FromSeconds(1))
            {
                SayUnnamed();
                _secondStarted = _clock.GetTimestamp();
                _named = 0;
            }

            if (_named == NamedPerSecond)
            {
                _unnamed++;
                return;
            }

            _named++;
        }

        logger.Rejected(record.Route.Source, record.Partition, record.Offset, record.Rejection.ToString(), record.Route.DeadLetter.Topic);
    }

    /// <summary>Logs what was only counted so far.</summary>
    public void Flush()
    {
        lock (_lock)
            SayUnnamed();
    }

    private void SayUnnamed()
    {
        if (_unnamed > 0)
            logger.RejectedMore(_unnamed);
        _unnamed = 0;
    }
}
