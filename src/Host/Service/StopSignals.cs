using System.Diagnostics;
using System.Runtime.InteropServices;

namespace GpuCrypt.Host.Service;

/// <summary>
/// Turns the first SIGTERM or SIGINT (Ctrl+C) into a cancelled token, so that the service can finish; a further one ends the process at
/// once, for whoever does not want to wait.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    // One request to stop may come as several signals: timeout(1), for one, sends it to the process and then to its group.
    private static readonly TimeSpan SameRequest = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly PosixSignalRegistration[] _registrations;
    private long _stoppedAt;

    public StopSignals()
    {
        Token = _stop.Token;
        _registrations = [PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal), PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal)];
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token { get; }

    public void Dispose()
    {
        // Waits for a handler that runs, so that none meets a disposed source.
        foreach (PosixSignalRegistration registration in _registrations)
            registration.Dispose();
        _stop.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        lock (_lock)
        {
            if (_stoppedAt == 0)
                _stoppedAt = Stopwatch.GetTimestamp();
            else if (Stopwatch.GetElapsedTime(_stoppedAt) > SameRequest)
                return;
        }

        context.Cancel = true;
        _stop.Cancel();
    }
}
