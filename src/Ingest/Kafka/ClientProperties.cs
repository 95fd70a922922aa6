using System.Runtime.InteropServices;
using System.Text;
using GpuCrypt.Ingest.Kafka.Embedded;

namespace GpuCrypt.Ingest.Kafka;

/// <summary>What librdkafka says about a property.</summary>
public enum ClientPropertyStatus
{
    /// <summary>It takes it.</summary>
    Good,

    /// <summary>It has no such property.</summary>
    Unknown,

    /// <summary>It does not take the value.</summary>
    Invalid,
}

/// <summary>Asks librdkafka itself about properties of clients, before there is a client. Thread-safe.</summary>
public static unsafe partial class ClientProperties
{
    private const string Library = NativeLibrdkafka.ImportName;

    // The results of rd_kafka_conf_set: RD_KAFKA_CONF_UNKNOWN and RD_KAFKA_CONF_OK.
    private const int ConfUnknown = -2;
    private const int ConfOk = 0;

    /// <summary>Tries a property on a configuration that is thrown away.</summary>
    /// <param name="name">The property, such as <c>security.protocol</c>; no NUL.</param>
    /// <param name="value">Its value; no NUL.</param>
    /// <param name="message">What librdkafka says against it; repeats the value.</param>
    /// <exception cref="KafkaLibraryMissingException">There is no usable librdkafka.</exception>
    public static ClientPropertyStatus Check(string name, string value, out string message)
    {
        NativeLibrdkafka.Load();
        nint configuration = MockCluster.ConfNew();
        try
        {
            Span<byte> error = stackalloc byte[512];
            int result;
            fixed (byte* start = error)
                result = MockCluster.ConfSet(configuration, name, value, start, (nuint)error.Length);
            int length = error.IndexOf((byte)0);
            message = result == ConfOk ? "" : Encoding.UTF8.GetString(length < 0 ? error : error[..length]);
            return result switch
            {
                ConfOk => ClientPropertyStatus.Good,
                ConfUnknown => ClientPropertyStatus.Unknown,
                _ => ClientPropertyStatus.Invalid,
            };
        }
        finally
        {
            MockCluster.ConfDestroy(configuration);
        }
    }

    /// <summary>The names that librdkafka lists, those of topics included. It leaves out other names of the same property, and properties without a value.</summary>
    /// <exception cref="KafkaLibraryMissingException">There is no usable librdkafka.</exception>
    public static IReadOnlyList<string> Names()
    {
        NativeLibrdkafka.Load();
        var names = new SortedSet<string>(StringComparer.Ordinal);
        nint client = MockCluster.ConfNew(), topic = TopicConfNew();
        try
        {
            AddNames(names, ConfDump(client, out nuint count), count);
            AddNames(names, TopicConfDump(topic, out count), count);
        }
        finally
        {
            MockCluster.ConfDestroy(client);
            TopicConfDestroy(topic);
        }

        return [.. names];
    }

    // Names and values take turns.
    private static void AddNames(SortedSet<string> names, byte** dump, nuint count)
    {
        for (nuint i = 0; i < count; i += 2)
            names.Add(Marshal.PtrToStringUTF8((nint)dump[i]) ?? "");
        ConfDumpFree(dump, count);
    }

    [LibraryImport(Library, EntryPoint = "rd_kafka_conf_dump")]
    private static partial byte** ConfDump(nint configuration, out nuint count);

    [LibraryImport(Library, EntryPoint = "rd_kafka_conf_dump_free")]
    private static partial void ConfDumpFree(byte** dump, nuint count);

    [LibraryImport(Library, EntryPoint = "rd_kafka_topic_conf_new")]
    private static partial nint TopicConfNew();

    [LibraryImport(Library, EntryPoint = "rd_kafka_topic_conf_destroy")]
    private static partial void TopicConfDestroy(nint configuration);

    [LibraryImport(Library, EntryPoint = "rd_kafka_topic_conf_dump")]
    private static partial byte** TopicConfDump(nint configuration, out nuint count);
}
