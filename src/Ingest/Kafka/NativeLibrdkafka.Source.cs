#if !KAFKA_REDIST
using System.Runtime.InteropServices;
#endif

namespace GpuCrypt.Ingest.Kafka;

/// <summary>Where the library comes from: the only code that differs between the two builds.</summary>
public static partial class NativeLibrdkafka
{
#if KAFKA_REDIST
    internal const string WhatToDo = "the native library of the package librdkafka.redist belongs beside the program; publish for linux-x64 again.";

    // The order in which Confluent.Kafka 2.x tries them: with and without Kerberos.
    private static nint Open() => OpenFirst([ImportName, "centos8-librdkafka"], ConfluentAssembly, WhatToDo);

    /// <summary>Confluent.Kafka finds its own package's library.</summary>
    private static void SetConfluentResolver()
    {
    }
#else
    internal const string WhatToDo = "install librdkafka 1.9 or newer (Debian, Ubuntu: apt-get install librdkafka1).";

    private static nint Open() => OpenFirst(["librdkafka.so.1"], null, WhatToDo);

    private static void SetConfluentResolver()
    {
        try
        {
            NativeLibrary.SetDllImportResolver(ConfluentAssembly, Resolve);
        }
        catch (InvalidOperationException)
        {
            // The program that hosts this library has set its own resolver on Confluent.Kafka: that one decides, and BindConfluent reports if it fails.
        }
    }
#endif
}
