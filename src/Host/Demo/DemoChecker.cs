using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Confluent.Kafka;
using GpuCrypt.Kernels;

namespace GpuCrypt.Host.Demo;

/// <summary>
/// An independent consumer of the sink, which shares nothing with the service but the key: reads every record, checks its tag, decrypts it
/// and compares it with what went in. One thread runs it; its numbers are read after that.
/// </summary>
internal sealed class DemoChecker : IDisposable
{
    private const int WrongKeyTrials = 1000;
    private const string MetadataHeader = "paired_icl_info";

    private readonly SampleSet _samples;
    private readonly VectorCipher _cipher;
    private readonly VectorCipher _wrongCipher;
    private readonly IConsumer<byte[], byte[]> _consumer;
    private readonly Action<int> _verified;
    private readonly bool[] _seen;
    private readonly float _noiseRadius;
    private int _received;
    private long _first;
    private long _last;

    /// <summary>Creates the consumer.</summary>
    /// <param name="bootstrapServers">The cluster.</param>
    /// <param name="samples">What went in: record i is sample i modulo their number.</param>
    /// <param name="records">How many records went in.</param>
    /// <param name="cipher">The key.</param>
    /// <param name="wrongCipher">Another key, which must not open anything.</param>
    /// <param name="noiseRadius">The largest length of the noise, which bounds the rounding.</param>
    /// <param name="verified">Told the number of each record that was received.</param>
    public DemoChecker(
        string bootstrapServers, SampleSet samples, int records, VectorCipher cipher, VectorCipher wrongCipher, float noiseRadius, Action<int> verified)
    {
        _samples = samples;
        _cipher = cipher;
        _wrongCipher = wrongCipher;
        _noiseRadius = noiseRadius;
        _verified = verified;
        _seen = new bool[records];
        Ciphertexts = new float[Math.Min(records, samples.Count) * samples.Dimension];
        _consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig
        {
            BootstrapServers = bootstrapServers,
            GroupId = "demo-checker",
            AutoOffsetReset = AutoOffsetReset.Earliest,
            EnableAutoCommit = false,
            FetchWaitMaxMs = 10,
        }).Build();
        _consumer.Assign(
        [
            .. Enumerable.Range(0, DemoTopics.Partitions).Select(p => new TopicPartitionOffset(DemoTopics.Sink, p, Offset.Beginning)),
            new TopicPartitionOffset(DemoTopics.DeadLetter, 0, Offset.Beginning),
        ]);
    }

    /// <summary>The ciphertexts of the first time round, row by row.</summary>
    public float[] Ciphertexts { get; }

    public int Received => Volatile.Read(ref _received);

    public int Distinct { get; private set; }

    public int Repeated { get; private set; }

    public int DeadLetters { get; private set; }

    /// <summary>Records without a number, key or metadata that belongs to them.</summary>
    public int Misfits { get; private set; }

    public int BadTags { get; private set; }

    public int BeyondRounding { get; private set; }

    public int WrongKeyTried { get; private set; }

    public int WrongKeyOpened { get; private set; }

    /// <summary>The largest difference between an element and what it decrypts to.</summary>
    public float LargestDifference { get; private set; }

    /// <summary>When the first record arrived, as <see cref="Stopwatch.GetTimestamp"/> tells time.</summary>
    public long FirstAt => _first;

    public TimeSpan StreamTime => Stopwatch.GetElapsedTime(_first, _last);

    /// <summary>Reads until every record is here, or none has come for <paramref name="patience"/>.</summary>
    public void ReadAll(TimeSpan patience, CancellationToken cancellation)
    {
        long lastProgress = Environment.TickCount64;
        while (Distinct < _seen.Length && Environment.TickCount64 - lastProgress < patience.TotalMilliseconds)
        {
            cancellation.ThrowIfCancellationRequested();
            if (TryReadOne(TimeSpan.FromMilliseconds(100)))
                lastProgress = Environment.TickCount64;
        }
    }

    /// <summary>Reads on until as many records are here as the service says that it delivered, or none has come for <paramref name="patience"/>.</summary>
    public void ReadUpTo(long delivered, TimeSpan patience)
    {
        long lastProgress = Environment.TickCount64;
        while (Received < delivered && Environment.TickCount64 - lastProgress < patience.TotalMilliseconds)
        {
            if (TryReadOne(TimeSpan.FromMilliseconds(50)))
                lastProgress = Environment.TickCount64;
        }
    }

    public void Dispose()
    {
        _consumer.Close();
        _consumer.Dispose();
    }

    private bool TryReadOne(TimeSpan timeout)
    {
        ConsumeResult<byte[], byte[]>? result = _consumer.Consume(timeout);
        if (result?.Message is null)
            return false;
        _last = Stopwatch.GetTimestamp();
        if (_received == 0)
            _first = _last;
        Volatile.Write(ref _received, _received + 1);
        if (result.Topic == DemoTopics.DeadLetter)
            DeadLetters++;
        else
            Check(result.Message);
        return true;
    }

    private void Check(Message<byte[], byte[]> message)
    {
        if (!message.Headers.TryGetLastBytes(DemoTopics.IdHeader, out byte[] id)
            || !int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            || number >= _seen.Length
            || !message.Headers.TryGetLastBytes(MetadataHeader, out byte[] metadata)
            || message.Key is null
            || Encoding.UTF8.GetString(message.Key) != _samples.Words[number % _samples.Count]
            || message.Value?.Length != _samples.Dimension * sizeof(float))
        {
            Misfits++;
            return;
        }

        if (_seen[number])
        {
            Repeated++;
            return;
        }

        _seen[number] = true;
        Distinct++;
        _verified(number);
        ReadOnlySpan<float> cipher = MemoryMarshal.Cast<byte, float>(message.Value);
        if (number < _samples.Count)
            cipher.CopyTo(Ciphertexts.AsSpan(number * _samples.Dimension));
        TryWrongKey(number, cipher, metadata);
        Compare(number, cipher, metadata);
    }

    private void TryWrongKey(int number, ReadOnlySpan<float> cipher, byte[] metadata)
    {
        if (number >= WrongKeyTrials)
            return;
        WrongKeyTried++;
        try
        {
            _wrongCipher.Decrypt(cipher, metadata);
            WrongKeyOpened++;
        }
        catch (CryptographicVectorException)
        {
            // As it must be.
        }
    }

    private void Compare(int number, ReadOnlySpan<float> cipher, byte[] metadata)
    {
        float[] decrypted;
        try
        {
            decrypted = _cipher.Decrypt(cipher, metadata);
        }
        catch (CryptographicVectorException)
        {
            BadTags++;
            return;
        }

        // c = fl(m + λ), m' = fl(c − λ): each rounding errs by at most 2^-24 of its result, and |λ[i]| is at most the radius.
        ReadOnlySpan<float> plain = _samples.Row(number % _samples.Count);
        bool beyond = false;
        for (int i = 0; i < plain.Length; i++)
        {
            float difference = MathF.Abs(decrypted[i] - plain[i]);
            LargestDifference = MathF.Max(LargestDifference, difference);
            beyond |= !(difference <= ((2 * MathF.Abs(plain[i])) + _noiseRadius) * 1.2e-7f);
        }

        if (beyond)
            BeyondRounding++;
    }
}
