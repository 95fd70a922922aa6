using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace GpuCrypt.Host.Tests.Service;

/// <summary>A logger that keeps every line, formatted as the console would. Thread-safe.</summary>
internal sealed class CapturedLog : ILogger
{
    private readonly ConcurrentQueue<(LogLevel Level, int Event, string Line)> _lines = new();

    public IReadOnlyList<(LogLevel Level, int Event, string Line)> Lines => [.. _lines];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue((logLevel, eventId.Id, formatter(state, exception) + exception));

    public int Count(int eventId) => _lines.Count(line => line.Event == eventId);

    public override string ToString() => string.Join('\n', _lines.Select(line => line.Line));
}
