using System.Reflection;
using System.Runtime.InteropServices;

namespace GpuCrypt.Ingest.Kafka;

/// <summary>
/// Finds librdkafka for Confluent.Kafka and for this assembly's own calls. Two builds exist: with <c>KAFKA_REDIST</c> the Confluent.Kafka package brings
/// its native library along; without it the system's <c>librdkafka.so.1</c> (Debian: librdkafka1) is used, which Confluent.Kafka would not find by itself
/// because it asks for a file without the version suffix.
/// </summary>
/// <remarks>Thread-safe. <see cref="Load"/> has to run before the first use of any Confluent.Kafka type; every entry point of this namespace calls it.</remarks>
public static partial class NativeLibrdkafka
{
    /// <summary>The name that the P/Invokes here and in Confluent.Kafka carry.</summary>
    internal const string ImportName = "librdkafka";

    // 1.9.0: what Confluent.Kafka 1.9.3 was built against; rd_kafka_version() is MMmmrrxx in hexadecimal.
    private const int OldestVersion = 0x01090000;

    private static readonly Lock Gate = new();
    private static volatile bool s_loaded;
    private static bool s_resolversSet;
    private static nint s_library;
    private static string s_version = "";

    /// <summary>The version of the library in use, for instance <c>2.0.2</c>. Loads it when that has not happened yet.</summary>
    /// <exception cref="KafkaLibraryMissingException">As <see cref="Load"/>.</exception>
    public static string Version
    {
        get
        {
            Load();
            return s_version;
        }
    }

    /// <summary>Loads librdkafka and binds Confluent.Kafka to it. Further calls do nothing; after a failure a further call tries again.</summary>
    /// <exception cref="KafkaLibraryMissingException">The library is absent, of another architecture or older than 1.9.0.</exception>
    public static void Load()
    {
        if (s_loaded)
            return;
        lock (Gate)
        {
            if (s_loaded)
                return;
            s_library = Open();
            s_version = CheckedVersion(s_library);
            SetResolvers();
            BindConfluent();
            s_loaded = true;
        }
    }

    /// <summary>The loaded library.</summary>
    internal static nint Library
    {
        get
        {
            Load();
            return s_library;
        }
    }

    /// <summary>Opens the first of <paramref name="names"/> that the loader finds.</summary>
    internal static nint OpenFirst(ReadOnlySpan<string> names, Assembly? probeFor, string whatToDo)
    {
        foreach (string name in names)
        {
            bool found = probeFor is null
                ? NativeLibrary.TryLoad(name, out nint library)
                : NativeLibrary.TryLoad(name, probeFor, null, out library);
            if (found)
                return library;
        }
        throw new KafkaLibraryMissingException($"{string.Join(", ", names)} could not be loaded: {whatToDo}");
    }

    /// <summary>The library's version as text.</summary>
    /// <exception cref="KafkaLibraryMissingException">Older than <paramref name="oldest"/>, or not librdkafka.</exception>
    internal static unsafe string CheckedVersion(nint library, int oldest = OldestVersion)
    {
        if (!NativeLibrary.TryGetExport(library, "rd_kafka_version", out nint number) || !NativeLibrary.TryGetExport(library, "rd_kafka_version_str", out nint text))
            throw new KafkaLibraryMissingException($"the library found as librdkafka has no rd_kafka_version: it is not librdkafka. {WhatToDo}");
        string version = Marshal.PtrToStringUTF8(((delegate* unmanaged<nint>)text)()) ?? "";
        if (((delegate* unmanaged<int>)number)() < oldest)
            throw new KafkaLibraryMissingException($"librdkafka {version} is too old, expected {oldest >> 24}.{(oldest >> 16) & 0xff}.{(oldest >> 8) & 0xff} or newer. {WhatToDo}");
        return version;
    }

    private static Assembly ConfluentAssembly => typeof(Confluent.Kafka.Library).Assembly;

    private static void SetResolvers()
    {
        if (s_resolversSet)
            return;
        NativeLibrary.SetDllImportResolver(typeof(NativeLibrdkafka).Assembly, Resolve);
        SetConfluentResolver();
        s_resolversSet = true;
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) => name == ImportName ? s_library : 0;

    private static void BindConfluent()
    {
        try
        {
            // Reading the version makes Confluent.Kafka bind its native methods: a library it cannot use shows here, not in the first client.
            _ = Confluent.Kafka.Library.Version;
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or InvalidOperationException or TypeInitializationException)
        {
            throw new KafkaLibraryMissingException($"Confluent.Kafka cannot use librdkafka {s_version}: {WhatToDo}", e);
        }
    }
}
