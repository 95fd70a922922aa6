using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace GpuCrypt.Host.Tests.Service;

/// <summary>The program itself, running <c>serve</c>.</summary>
internal sealed class ServeProcess : IDisposable
{
    private const int SigTerm = 15;
    private const int SigKill = 9;

    private readonly StringBuilder _log = new();
    private readonly Process _process;
    private readonly Task<string> _output;

    public ServeProcess(params IEnumerable<string> arguments)
    {
        _process = GpuCryptProcess.Start(["serve", .. arguments]);
        _process.StandardInput.Close();
        _output = _process.StandardOutput.ReadToEndAsync();
        _process.ErrorDataReceived += (_, line) =>
        {
            lock (_log)
                _log.AppendLine(line.Data);
        };
        _process.BeginErrorReadLine();
    }

    /// <summary>What it has written to standard error.</summary>
    public string Log
    {
        get
        {
            lock (_log)
                return _log.ToString();
        }
    }

    public bool WaitForLog(string text, TimeSpan? bound = null) =>
        SpinWait.SpinUntil(() => _process.HasExited || Log.Contains(text, StringComparison.Ordinal), bound ?? TimeSpan.FromSeconds(20)) && Log.Contains(text, StringComparison.Ordinal);

    public void Terminate() => Send(SigTerm);

    public void Kill() => Send(SigKill);

    /// <summary>The exit code, and everything that was written to standard output.</summary>
    public async Task<(int Code, string Output)> ExitAsync(TimeSpan? bound = null)
    {
        using var timeout = new CancellationTokenSource(bound ?? TimeSpan.FromSeconds(30));
        try
        {
            await _process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"serve did not end in time:\n{Log}");
        }

        return (_process.ExitCode, await _output);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    private void Send(int signal)
    {
        using Process kill = Process.Start("kill", [$"-{signal.ToString(CultureInfo.InvariantCulture)}", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }
}
