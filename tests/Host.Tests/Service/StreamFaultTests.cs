using System.Diagnostics;
using Confluent.Kafka;
using GpuCrypt.Ingest.Kafka.Embedded;

namespace GpuCrypt.Host.Tests.Service;

/// <summary>At least once, whatever fails: nothing lost, nothing committed before the sink has it, nothing out of order.</summary>
public sealed class StreamFaultTests : IDisposable
{
    private const int PausedEvent = 13, ResumedEvent = 14, RevokedEvent = 11, UncommittedEvent = 12, NotDrainedEvent = 22, NotCommittedEvent = 23;

    private readonly FaultRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Committed_offsets_never_run_ahead_of_a_sink_that_fails_in_every_way()
    {
        RunningService service = _rig.Start(_rig.Settings());
        Action[] faults =
        [
            () => _rig.Broker.FailNextRequests(KafkaRequest.Produce, ErrorCode.NotEnoughReplicas, ErrorCode.NotEnoughReplicas, ErrorCode.NotLeaderForPartition),
            () => _rig.Broker.SetRoundTripTime(TimeSpan.FromMilliseconds(120), FaultRig.SinkBroker),
            () => _rig.Broker.FailNextRequests(KafkaRequest.Produce, ErrorCode.RequestTimedOut, ErrorCode.Local_Transport, ErrorCode.RequestTimedOut),
            () => _rig.Broker.SetRoundTripTime(TimeSpan.Zero, FaultRig.SinkBroker),
        ];
        foreach (Action fault in faults)
        {
            _rig.Produce(150);
            fault();
            _rig.Produce(150);
            _rig.AssertSinkIsAheadOfCommits();
        }

        // The sink goes: no commit passes what it had, however long it is away and whatever comes in.
        _rig.Broker.BrokerDown(FaultRig.SinkBroker);
        _rig.Produce(300);
        Thread.Sleep(500);
        long committed = _rig.Committed().Sum();
        Assert.True(committed < _rig.Produced, "everything is committed with the sink away");
        Assert.True(committed <= service.Service.Counters.RecordsOut);
        Thread.Sleep(300);
        Assert.Equal(committed, _rig.Committed().Sum());
        _rig.Broker.BrokerUp(FaultRig.SinkBroker);
        _rig.AssertSinkIsAheadOfCommits();

        _rig.AssertAllArrivedInOrder();
        Assert.True(service.Stop(), service.Log.ToString());
        Assert.Equal(_rig.Produced, _rig.Committed().Sum());
        Assert.Equal(0, service.Service.Counters.Rejected);
    }

    [Fact]
    public void With_the_sink_away_the_ring_fills_consumption_pauses_memory_stays_flat_and_all_goes_on_afterwards()
    {
        const int RingRecords = 4 * 64;
        RunningService service = _rig.Start(_rig.Settings());
        _rig.Produce(500);
        Assert.True(_rig.WaitUntilCommitted(TimeSpan.FromSeconds(10)));

        _rig.Broker.BrokerDown(FaultRig.SinkBroker);
        _rig.Produce(1000);
        Assert.True(SpinWait.SpinUntil(() => service.Log.Count(PausedEvent) > 0, TimeSpan.FromSeconds(10)), service.Log.ToString());
        long consumed = service.Service.Counters.RecordsIn;
        Assert.InRange(consumed - 500, 1, RingRecords);
        using var process = Process.GetCurrentProcess();
        long memory = GC.GetTotalMemory(forceFullCollection: true), resident = process.WorkingSet64;
        _rig.Produce(4000);
        Thread.Sleep(1000);
        Assert.Equal(consumed, service.Service.Counters.RecordsIn);
        process.Refresh();
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - memory, long.MinValue, 4 << 20);
        Assert.InRange(process.WorkingSet64 - resident, long.MinValue, 64 << 20);
        Assert.Equal(0, service.Log.Count(ResumedEvent));

        _rig.Broker.BrokerUp(FaultRig.SinkBroker);
        _rig.AssertAllArrivedInOrder();
        Assert.True(service.Log.Count(ResumedEvent) > 0);
        Assert.True(service.Stop(), service.Log.ToString());
        Assert.Equal(_rig.Produced, _rig.Committed().Sum());
    }

    [Fact]
    public async Task Two_services_of_a_group_share_the_stream_and_a_rebalance_loses_nothing()
    {
        RunningService first = _rig.Start(_rig.Settings());
        using var producing = new CancellationTokenSource();
        Task stream = Task.Run(() =>
        {
            while (!producing.IsCancellationRequested)
            {
                _rig.Produce(20);
                Thread.Sleep(20);
            }
        });
        Assert.True(SpinWait.SpinUntil(() => _rig.Committed().Min() > 0, TimeSpan.FromSeconds(10)), "nothing was committed");
        RunningService second = _rig.Start(_rig.Settings());
        Assert.True(SpinWait.SpinUntil(() => second.Service.Counters.RecordsOut > 200, TimeSpan.FromSeconds(15)), "the second service got nothing");
        Assert.True(first.Log.Count(RevokedEvent) + first.Log.Count(UncommittedEvent) > 0, first.Log.ToString());
        long before = first.Service.Counters.RecordsOut;
        Assert.True(SpinWait.SpinUntil(() => first.Service.Counters.RecordsOut > before + 100, TimeSpan.FromSeconds(10)), "the first service kept nothing");

        Assert.True(first.Stop(), first.Log.ToString());
        before = second.Service.Counters.RecordsOut;
        Assert.True(SpinWait.SpinUntil(() => second.Service.Counters.RecordsOut > before + 400, TimeSpan.FromSeconds(15)), "the second service did not take over");
        await producing.CancelAsync();
        await stream;
        int doubled = _rig.AssertAllArrivedInOrder();
        Assert.True(second.Stop(), second.Log.ToString());
        Assert.Equal(_rig.Produced, _rig.Committed().Sum());
        // Unless a service says that it could not commit in time, partitions change hands with nothing done twice.
        bool uncommitted = first.Log.Count(UncommittedEvent) + second.Log.Count(UncommittedEvent) > 0;
        Assert.True(doubled == 0 || uncommitted, $"{doubled} doubled\nFIRST {first.Log}\nSECOND {second.Log}");
    }

    [Fact]
    public void A_stop_that_cannot_finish_in_time_says_how_many_records_it_leaves_and_the_next_start_delivers_them()
    {
        RunningService service = _rig.Start(_rig.Settings(drain: TimeSpan.FromSeconds(1)));
        _rig.Produce(100);
        Assert.True(_rig.WaitUntilCommitted(TimeSpan.FromSeconds(10)));
        _rig.Broker.BrokerDown(FaultRig.SinkBroker);
        _rig.Produce(70);
        Assert.True(SpinWait.SpinUntil(() => service.Service.Counters.RecordsIn == 170, TimeSpan.FromSeconds(5)));
        var time = Stopwatch.StartNew();
        Assert.False(service.Stop());
        Assert.InRange(time.Elapsed, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(4));
        Assert.Contains(service.Log.Lines, l => l.Event == NotDrainedEvent && l.Line.StartsWith("70 records were consumed but not acknowledged within 00:00:01", StringComparison.Ordinal));
        Assert.Equal(100, _rig.Committed().Sum());
        service.Dispose();

        _rig.Broker.BrokerUp(FaultRig.SinkBroker);
        _rig.Start(_rig.Settings());
        _rig.AssertAllArrivedInOrder();
        Assert.True(_rig.WaitUntilCommitted(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public void A_stop_with_the_whole_cluster_away_ends_in_time()
    {
        RunningService service = _rig.Start(_rig.Settings(drain: TimeSpan.FromSeconds(1)));
        _rig.Produce(100);
        Assert.True(_rig.WaitUntilCommitted(TimeSpan.FromSeconds(10)));
        _rig.Broker.BrokerDown();
        var time = Stopwatch.StartNew();
        Assert.False(service.Stop());
        service.Dispose();
        Assert.InRange(time.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        Assert.Equal(1, service.Log.Count(NotCommittedEvent));
    }
}
