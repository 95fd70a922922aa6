using System.Diagnostics;
using GpuCrypt.Host.Telemetry;

namespace GpuCrypt.Host.Tests.Telemetry;

public sealed class HdrRecorderTests
{
    private static readonly HdrLayout _hour = new(1, 3_600_000_000_000, 3);

    [Fact]
    public void Intervals_taken_while_many_threads_record_lose_nothing_and_count_nothing_twice()
    {
        const int Threads = 6;
        const int Intervals = 30;
        var recorder = new HdrRecorder(_hour);
        var reader = new HdrIntervalReader(recorder);
        var second = new HdrIntervalReader(recorder);
        var intervals = new HdrHistogram(_hour);
        var secondIntervals = new HdrHistogram(_hour);
        var expected = new HdrHistogram(_hour);
        var expectedLock = new Lock();
        // Threads record until enough intervals were cut from under them; the deadline ends a test that hangs.
        bool enough = false;
        var clock = Stopwatch.StartNew();

        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(t => new Thread(() =>
        {
            // All threads hit the same few buckets and, every other time, the whole range and beyond its ends.
            var random = new Random(t);
            var own = new HdrHistogram(_hour);
            for (int i = 0; !Volatile.Read(ref enough) && clock.Elapsed.TotalSeconds < 20; i++)
            {
                long value = (i & 1) != 0 ? i & 7 : random.NextInt64(-1L << 42, 1L << random.Next(12, 45));
                long count = (i & 31) == 0 ? 3 : 1;
                own.Record(value, count);
                recorder.Record(value, count);
            }

            lock (expectedLock)
                expected.Add(own);
        }))];

        foreach (Thread thread in threads)
            thread.Start();

        int filled = 0;
        while (filled < Intervals && clock.Elapsed.TotalSeconds < 20)
        {
            filled += Take(reader, intervals) > 0 ? 1 : 0;
            if (filled % 3 == 0)
                Take(second, secondIntervals);

            Thread.Sleep(1);
        }

        Volatile.Write(ref enough, true);
        foreach (Thread thread in threads)
            thread.Join();

        Take(reader, intervals);
        Take(second, secondIntervals);

        Assert.Equal(Intervals, filled);
        foreach (HdrHistogram sum in new[] { intervals, secondIntervals, recorder.Total() })
        {
            Assert.Equal(expected.TotalCount, sum.TotalCount);
            Assert.Equal(expected.ClampedLow, sum.ClampedLow);
            Assert.Equal(expected.ClampedHigh, sum.ClampedHigh);
            Assert.Equal(expected.Buckets(), sum.Buckets());
        }

        Assert.True(expected.ClampedLow > 0 && expected.ClampedHigh > 0);
    }

    [Fact]
    public void An_interval_that_was_not_committed_comes_again_with_what_followed()
    {
        var recorder = new HdrRecorder(_hour);
        var reader = new HdrIntervalReader(recorder);

        recorder.Record(10);
        Assert.Equal(1, reader.Read().TotalCount);
        recorder.Record(-20);
        HdrHistogram again = reader.Read();
        Assert.Equal((2, 1), (again.TotalCount, again.ClampedLow));
        reader.Commit();
        recorder.Record(30);
        HdrHistogram next = reader.Read();

        Assert.Equal((1, 0), (next.TotalCount, next.ClampedLow));
        Assert.Equal(30, next.Max);
    }

    [Fact]
    public void Recording_allocates_nothing()
    {
        var recorder = new HdrRecorder(_hour);
        RecordMany(recorder);

        long before = GC.GetAllocatedBytesForCurrentThread();
        RecordMany(recorder);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(0, allocated);
        Assert.Equal(6000, recorder.Total().TotalCount);
    }

    [Fact]
    public void A_negative_number_of_recordings_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new HdrRecorder(_hour).Record(1, -1));

    private static void RecordMany(HdrRecorder recorder)
    {
        for (int i = 0; i < 1000; i++)
        {
            recorder.Record(i * 1_000_000L);
            recorder.Record(long.MaxValue);
            recorder.Record(-i);
        }
    }

    private static long Take(HdrIntervalReader reader, HdrHistogram sum)
    {
        HdrHistogram interval = reader.Read();
        long count = interval.TotalCount;
        sum.Add(interval);
        reader.Commit();
        return count;
    }
}
