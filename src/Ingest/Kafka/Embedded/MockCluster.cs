using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Confluent.Kafka;

namespace GpuCrypt.Ingest.Kafka.Embedded;

/// <summary>
/// The part of librdkafka's C interface that makes a mock cluster (rdkafka.h, rdkafka_mock.h). The mock functions hand their work to the cluster's own
/// thread and wait for it, so they may be called from any thread while the cluster lives. The header calls the interface experimental: librdkafka 1.9 to
/// 2.x have it with these signatures.
/// </summary>
internal static unsafe partial class MockCluster
{
    private const string Library = NativeLibrdkafka.ImportName;

    /// <summary>RD_KAFKA_PRODUCER: the lighter of the two handles a cluster can hang on.</summary>
    internal const int Producer = 0;

    /// <summary>RD_KAFKA_CONF_OK.</summary>
    internal const int ConfOk = 0;

    [LibraryImport(Library, EntryPoint = "rd_kafka_conf_new")]
    internal static partial nint ConfNew();

    [LibraryImport(Library, EntryPoint = "rd_kafka_conf_destroy")]
    internal static partial void ConfDestroy(nint conf);

    [LibraryImport(Library, EntryPoint = "rd_kafka_conf_set", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int ConfSet(nint conf, string name, string value, byte* error, nuint errorSize);

    [LibraryImport(Library, EntryPoint = "rd_kafka_conf_set_log_cb")]
    internal static partial void ConfSetLogCallback(nint conf, delegate* unmanaged[Cdecl]<nint, int, byte*, byte*, void> callback);

    [LibraryImport(Library, EntryPoint = "rd_kafka_conf_set_opaque")]
    internal static partial void ConfSetOpaque(nint conf, nint opaque);

    [LibraryImport(Library, EntryPoint = "rd_kafka_opaque")]
    internal static partial nint Opaque(nint client);

    /// <summary>Takes <paramref name="conf"/> over, unless it returns 0.</summary>
    [LibraryImport(Library, EntryPoint = "rd_kafka_new")]
    internal static partial nint New(int type, nint conf, byte* error, nuint errorSize);

    [LibraryImport(Library, EntryPoint = "rd_kafka_destroy")]
    internal static partial void Destroy(nint client);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_cluster_new")]
    internal static partial nint ClusterNew(nint client, int brokers);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_cluster_destroy")]
    internal static partial void ClusterDestroy(nint cluster);

    /// <summary>Text owned by the cluster.</summary>
    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_cluster_bootstraps")]
    internal static partial byte* Bootstraps(nint cluster);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_topic_create", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial ErrorCode TopicCreate(nint cluster, string topic, int partitions, int replicationFactor);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_partition_set_leader", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial ErrorCode PartitionSetLeader(nint cluster, string topic, int partition, int broker);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_coordinator_set", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial ErrorCode CoordinatorSet(nint cluster, string kind, string key, int broker);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_broker_set_down")]
    internal static partial ErrorCode BrokerSetDown(nint cluster, int broker);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_broker_set_up")]
    internal static partial ErrorCode BrokerSetUp(nint cluster, int broker);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_broker_set_rtt")]
    internal static partial ErrorCode BrokerSetRoundTripTime(nint cluster, int broker, int milliseconds);

    /// <summary>The array form: the other one takes C varargs, which P/Invoke does not pass.</summary>
    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_push_request_errors_array")]
    internal static partial void PushRequestErrors(nint cluster, short request, nuint count, ErrorCode* errors);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_clear_request_errors")]
    internal static partial void ClearRequestErrors(nint cluster, short request);

    /// <summary>A log line of librdkafka's threads, sent on to the <see cref="Action{String}"/> whose handle is the client's opaque.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static void OnLog(nint client, int level, byte* facility, byte* text)
    {
        // What librdkafka has to say about the configuration is that the client of a broker connects to no broker.
        if (client == 0 || MemoryMarshal.CreateReadOnlySpanFromNullTerminated(facility).SequenceEqual("CONFWARN"u8))
            return;
        try
        {
            if (Opaque(client) is var opaque and not 0 && GCHandle.FromIntPtr(opaque).Target is Action<string> log)
                log($"{Marshal.PtrToStringUTF8((nint)facility)}: {Marshal.PtrToStringUTF8((nint)text)}");
        }
#pragma warning disable CA1031 // An exception must not unwind into C: it would end the process for the sake of a log line.
        catch (Exception)
        {
        }
#pragma warning restore CA1031
    }
}
