using GpuCrypt.Ingest.Kafka;

namespace GpuCrypt.Ingest.Tests.Kafka;

public sealed class ExactBuffersTests
{
    [Fact]
    public void A_thousand_lengths_have_an_array_each_that_is_used_again()
    {
        var buffers = new ExactBuffers();
        byte[][] first = [.. Enumerable.Range(0, 1000).Select(i => buffers.Get(5000 + i))];
        Assert.Equal(Enumerable.Range(5000, 1000), first.Select(b => b.Length));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
            Assert.True(ReferenceEquals(first[i], buffers.Get(5000 + i)));
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void What_is_kept_is_bounded()
    {
        var buffers = new ExactBuffers();
        // 100 MB of them: far more than is kept, and the first are.
        byte[] first = buffers.Get(1_000_000), last = [];
        for (int i = 1; i < 100; i++)
            last = buffers.Get(1_000_000 + i);
        Assert.Same(first, buffers.Get(1_000_000));
        Assert.NotSame(last, buffers.Get(1_000_099));
        Assert.NotSame(buffers.Get(2_000_000), buffers.Get(2_000_000));
    }
}
