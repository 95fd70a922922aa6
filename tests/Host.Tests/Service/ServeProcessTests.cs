namespace GpuCrypt.Host.Tests.Service;

/// <summary>The program as it is run: stopped, killed and started again while records stream through it.</summary>
public sealed class ServeProcessTests : IDisposable
{
    private readonly FaultRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task Sigterm_during_a_stream_drains_commits_and_exits_0_and_the_next_start_goes_on_exactly_there()
    {
        string settings = _rig.SettingsFile();
        using var producing = new CancellationTokenSource();
        Task stream = Stream(producing.Token);
        for (int round = 0; round < 2; round++)
        {
            using var serve = new ServeProcess("--config", settings);
            Assert.True(serve.WaitForLog("assigned 2 partitions"), serve.Log);
            int before = _rig.Sink.Records.Count;
            Assert.True(_rig.Sink.ReadUntil(r => r.Count > before + 300), serve.Log);
            serve.Terminate();
            (int code, string output) = await serve.ExitAsync();
            Assert.True(code == 0, $"exit code {code}\n{serve.Log}");
            Assert.Empty(output);
            Assert.Contains("stopping: consuming no more", serve.Log, StringComparison.Ordinal);
            Assert.Contains("everything is committed", serve.Log, StringComparison.Ordinal);
            AssertSilent(serve.Log);
            Assert.Equal(_rig.Sink.ReadToEnd().Count, _rig.Committed().Sum());
        }

        await producing.CancelAsync();
        await stream;
        using (var last = new ServeProcess("--config", settings))
        {
            Assert.Equal(0, _rig.AssertAllArrivedInOrder());
            last.Terminate();
            Assert.Equal(0, (await last.ExitAsync()).Code);
        }

        Assert.Equal(_rig.Produced, _rig.Sink.ReadToEnd().Count);
        Assert.Equal(_rig.Produced, _rig.Committed().Sum());
    }

    [Fact]
    public async Task A_kill_loses_nothing_and_what_comes_twice_is_the_same_in_every_byte()
    {
        string settings = _rig.SettingsFile();
        using var producing = new CancellationTokenSource();
        Task stream = Stream(producing.Token);
        using (var killed = new ServeProcess("--config", settings))
        {
            Assert.True(_rig.Sink.ReadUntil(r => r.Count > 500), killed.Log);
            killed.Kill();
            Assert.Equal(137, (await killed.ExitAsync()).Code);
        }

        _rig.AssertSinkIsAheadOfCommits();
        using var next = new ServeProcess("--config", settings);
        Assert.True(next.WaitForLog("assigned 2 partitions", TimeSpan.FromSeconds(30)), next.Log);
        await producing.CancelAsync();
        await stream;
        _rig.AssertAllArrivedInOrder();
        next.Terminate();
        Assert.Equal(0, (await next.ExitAsync()).Code);
        Assert.Equal(_rig.Produced, _rig.Committed().Sum());
    }

    [Fact]
    public async Task A_stop_past_its_deadline_exits_1_and_says_how_many_records_were_not_acknowledged()
    {
        using var serve = new ServeProcess("--config", _rig.SettingsFile(drainSeconds: 1));
        Assert.True(serve.WaitForLog("assigned 2 partitions"), serve.Log);
        _rig.Produce(100);
        Assert.True(_rig.WaitUntilCommitted(TimeSpan.FromSeconds(10)));
        _rig.Broker.BrokerDown(FaultRig.SinkBroker);
        _rig.Produce(40);
        await Task.Delay(500);
        serve.Terminate();
        (int code, _) = await serve.ExitAsync(TimeSpan.FromSeconds(8));
        Assert.Equal(1, code);
        Assert.Contains("40 records were consumed but not acknowledged within 00:00:01; they are not committed and will be processed again", serve.Log, StringComparison.Ordinal);
        Assert.Equal(100, _rig.Committed().Sum());
    }

    private static void AssertSilent(string log)
    {
        Assert.DoesNotContain(ServiceKeys.DefaultSecret, log, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(ServiceKeys.ScaledSecret, log, StringComparison.OrdinalIgnoreCase);
    }

    private Task Stream(CancellationToken stop) => Task.Run(() =>
    {
        while (!stop.IsCancellationRequested)
        {
            _rig.Produce(20);
            Thread.Sleep(25);
        }
    }, CancellationToken.None);
}
