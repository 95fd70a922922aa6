using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using Confluent.Kafka;
using GpuCrypt.Ingest.Kafka.Embedded;

namespace GpuCrypt.Ingest.Tests.Kafka.Embedded;

public sealed class EmbeddedBrokerKcatTests
{
    [Fact]
    public async Task Kcat_in_another_process_produces_and_consumes()
    {
        using EmbeddedBroker broker = EmbeddedBroker.Start(new EmbeddedBrokerOptions { Topics = { ("t", 1) } });
        await Kcat("k1:one\nk2:two\n", "-P", "-b", broker.BootstrapServers, "-t", "t", "-p", "0", "-K:", "-H", "tenant=acme");

        using (IConsumer<byte[], byte[]> consumer = KafkaClients.Consumer(broker.BootstrapServers))
        {
            consumer.Assign(new TopicPartitionOffset("t", 0, Offset.Beginning));
            List<ConsumeResult<byte[], byte[]>> records = consumer.Take(2);
            Assert.Equal(["k1=one", "k2=two"], records.Select(r => $"{Encoding.UTF8.GetString(r.Message.Key)}={Encoding.UTF8.GetString(r.Message.Value)}"));
            Assert.All(records, r => Assert.Equal("acme"u8.ToArray(), r.Message.Headers.GetLastBytes("tenant")));
        }

        using (IProducer<byte[], byte[]> producer = KafkaClients.Producer(broker.BootstrapServers))
        {
            producer.Produce(new TopicPartition("t", 0), new Message<byte[], byte[]> { Key = "k3"u8.ToArray(), Value = "three"u8.ToArray() });
            Assert.Equal(0, producer.Flush(KafkaClients.Bound));
        }
        string read = await Kcat("", "-C", "-b", broker.BootstrapServers, "-t", "t", "-p", "0", "-o", "beginning", "-e", "-q", "-f", "%o %k %s %h\\n");
        Assert.Equal("0 k1 one tenant=acme\n1 k2 two tenant=acme\n2 k3 three \n", read);
    }

    /// <summary>Runs kcat with this on standard input and returns its standard output.</summary>
    private static async Task<string> Kcat(string input, params string[] arguments)
    {
        using Process process = new()
        {
            StartInfo = new ProcessStartInfo("kcat", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true },
        };
        try
        {
            process.Start();
        }
        catch (Win32Exception)
        {
            Assert.Fail("kcat is not installed: apt-get install kcat");
        }
        using CancellationTokenSource bound = new(KafkaClients.Bound);
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(bound.Token);
            Task<string> error = process.StandardError.ReadToEndAsync(bound.Token);
            await process.StandardInput.WriteAsync(input.AsMemory(), bound.Token);
            process.StandardInput.Close();
            await process.WaitForExitAsync(bound.Token);
            Assert.True(process.ExitCode == 0, $"kcat exit code {process.ExitCode}: {await error}");
            return await output;
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }
}
