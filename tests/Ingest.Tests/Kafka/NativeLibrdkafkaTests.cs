using System.Runtime.InteropServices;
using GpuCrypt.Ingest.Kafka;

namespace GpuCrypt.Ingest.Tests.Kafka;

public sealed class NativeLibrdkafkaTests
{
    [Fact]
    public void Load_binds_Confluent_Kafka_and_own_calls_to_one_version()
    {
        Parallel.For(0, 8, _ => NativeLibrdkafka.Load());
        Assert.Matches(@"^\d+\.\d+\.\d+", NativeLibrdkafka.Version);
        Assert.Equal(Confluent.Kafka.Library.VersionString, NativeLibrdkafka.Version);
    }

    [Fact]
    public void A_missing_library_is_reported_with_what_to_install()
    {
        KafkaLibraryMissingException e = Assert.Throws<KafkaLibraryMissingException>(
            () => NativeLibrdkafka.OpenFirst(["librdkafka-absent.so.1"], null, NativeLibrdkafka.WhatToDo));
        Assert.Contains("librdkafka-absent.so.1", e.Message, StringComparison.Ordinal);
        Assert.Contains("librdkafka", NativeLibrdkafka.WhatToDo, StringComparison.Ordinal);
        Assert.EndsWith(NativeLibrdkafka.WhatToDo, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_library_that_is_too_old_or_not_librdkafka_is_refused()
    {
        KafkaLibraryMissingException e = Assert.Throws<KafkaLibraryMissingException>(() => NativeLibrdkafka.CheckedVersion(NativeLibrdkafka.Library, oldest: 0x63010200));
        Assert.Contains($"librdkafka {NativeLibrdkafka.Version} is too old, expected 99.1.2", e.Message, StringComparison.Ordinal);

        e = Assert.Throws<KafkaLibraryMissingException>(() => NativeLibrdkafka.CheckedVersion(NativeLibrary.Load("libc.so.6")));
        Assert.Contains("is not librdkafka", e.Message, StringComparison.Ordinal);
    }
}
