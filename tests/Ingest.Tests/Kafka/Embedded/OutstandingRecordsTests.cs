using FsCheck;
using FsCheck.Fluent;
using GpuCrypt.Ingest.Kafka.Embedded;

namespace GpuCrypt.Ingest.Tests.Kafka.Embedded;

public sealed class OutstandingRecordsTests
{
    [Fact]
    public void Room_ends_at_the_window_in_bytes_and_in_records()
    {
        OutstandingRecords records = new(windowBytes: 100, windowRecords: 3);
        records.Add(60);
        Assert.True(records.HasRoomFor(40));
        Assert.False(records.HasRoomFor(41));
        records.Add(1);
        records.Add(1);
        Assert.False(records.HasRoomFor(1));
        records.Delivered(0);
        records.Release(1);
        Assert.True(records.HasRoomFor(1));
        Assert.Equal((2, 2), (records.Count, (int)records.Bytes));
    }

    [Fact]
    public void A_record_acknowledged_but_not_yet_confirmed_by_the_broker_takes_its_place_in_the_clients_queue()
    {
        OutstandingRecords records = new(windowBytes: 100, windowRecords: 1);
        records.Add(60);
        records.Release(1);
        Assert.Equal(0, records.Count);
        Assert.False(records.HasRoomFor(1));
        records.Delivered(0);
        Assert.True(records.HasRoomFor(1));
    }

    [Fact]
    public void A_record_larger_than_the_window_goes_out_alone()
    {
        OutstandingRecords records = new(windowBytes: 100, windowRecords: 3);
        Assert.True(records.HasRoomFor(1000));
        records.Add(1000);
        Assert.False(records.HasRoomFor(1));
    }

    [Fact]
    public void A_position_reported_before_the_brokers_confirmation_counts_when_that_comes()
    {
        OutstandingRecords records = new(windowBytes: 100, windowRecords: 10);
        records.Add(10);
        records.Add(10);
        records.ReleaseTo(8);
        Assert.Equal(2, records.Count);
        records.Delivered(7);
        Assert.Equal(1, records.Count);
        records.Delivered(8);
        Assert.Equal(1, records.Count);
        records.ReleaseTo(5);
        Assert.Equal(1, records.Count);
        records.ReleaseTo(9);
        Assert.Equal((0, 0), (records.Count, (int)records.Bytes));
    }

    [Fact]
    public void More_acknowledged_than_outstanding_is_refused()
    {
        OutstandingRecords records = new(windowBytes: 100, windowRecords: 10);
        records.Add(10);
        Assert.Throws<ArgumentOutOfRangeException>(() => records.Release(2));
        Assert.Throws<ArgumentOutOfRangeException>(() => records.Release(-1));
        Assert.Equal(1, records.Count);
    }

    /// <summary>Any interleaving of produce, confirmation and acknowledgement (by count and by offset) against the plain list of what is outstanding.</summary>
    [Fact]
    public void Any_interleaving_agrees_with_a_plain_list()
    {
        Arbitrary<(int Step, int Amount)[]> steps = ArbMap.Default.ArbFor<int>().Generator
            .SelectMany(_ => Gen.Choose(0, 3), (_, step) => step)
            .Zip(Gen.Choose(1, 50), (step, amount) => (step, amount))
            .ArrayOf().ToArbitrary();
        Prop.ForAll(steps, Agrees).QuickCheckThrowOnFailure();
    }

    private static bool Agrees((int Step, int Amount)[] steps)
    {
        OutstandingRecords records = new(windowBytes: 300, windowRecords: 20);
        List<(int Index, int Size)> outstanding = [];
        int produced = 0, delivered = 0;
        foreach ((int step, int amount) in steps)
        {
            switch (step)
            {
                case 0 when records.HasRoomFor(amount):
                    records.Add(amount);
                    outstanding.Add((produced++, amount));
                    break;
                case 1 when delivered < produced:
                    records.Delivered(delivered++);
                    break;
                case 2 when outstanding.Count > 0:
                    int count = Math.Min(amount, outstanding.Count);
                    records.Release(count);
                    outstanding.RemoveRange(0, count);
                    break;
                case 3:
                    // A reader cannot have read what the broker has not taken.
                    int position = Math.Max(0, delivered - amount);
                    records.ReleaseTo(position);
                    outstanding.RemoveAll(record => record.Index < position);
                    break;
                default:
                    break;
            }
            if (records.Count != outstanding.Count || records.Bytes != outstanding.Sum(record => record.Size))
                return false;
            if (records.Count > 20 || (records.Bytes > 300 && records.Count > 1))
                return false;
        }
        return true;
    }
}
