namespace GpuCrypt.Host.Service.Configuration;

/// <summary>What settings have to be to each other. Each rule is silent where one of its settings has failed already.</summary>
internal static class ServiceSettingsRules
{
    /// <summary>Checks everything, and reports every problem.</summary>
    /// <param name="settings">The settings; those that failed have their defaults.</param>
    /// <param name="reading">Knows the places, and takes the problems.</param>
    /// <param name="environment">All environment variables.</param>
    /// <param name="machine">What there is for the settings to ask for.</param>
    public static void Check(ServiceSettings settings, SettingsReading reading, IReadOnlyDictionary<string, string> environment, SettingsMachine machine)
    {
        CheckTopics(settings, reading);
        CheckKeyring(settings.Keyring, reading, environment);
        CheckBatch(settings, reading);
        CheckMemory(settings.Batch, reading, machine.MemoryBytes);
        CheckDistinct(reading, "record headers", settings.Headers,
            ("headers.metadata", h => h.Metadata), ("headers.tenant", h => h.Tenant), ("headers.derivationPath", h => h.DerivationPath),
            ("headers.id", h => h.Id), ("headers.contentType", h => h.ContentType));
        CheckDistinct(reading, "fields", settings.Json,
            ("json.id", j => j.Id), ("json.vector", j => j.Vector), ("json.metadata", j => j.Metadata),
            ("json.tenant", j => j.Tenant), ("json.derivationPath", j => j.DerivationPath));
        CheckDevice(settings.Device, reading, machine.Devices);
    }

    private static void CheckTopics(ServiceSettings settings, SettingsReading reading)
    {
        // A topic's uses, the first that was found for each name; sources come first, so that what writes to a source is what is wrong.
        var sources = new Dictionary<string, string>(StringComparer.Ordinal);
        var sinks = new Dictionary<string, string>(StringComparer.Ordinal);
        for (int i = 0; i < settings.Topics.Count; i++)
        {
            string path = $"topics[{i}].source";
            string source = settings.Topics[i].Source;
            if (source.Length > 0 && !sources.TryAdd(source, path))
                reading.Fail(path, $"expected another topic than {sources[source]}, found {SettingValue.Quote(source)} for both; each topic has one source entry");
        }

        for (int i = 0; i < settings.Topics.Count; i++)
        {
            string path = $"topics[{i}].sink";
            string sink = settings.Topics[i].Sink;
            if (sources.TryGetValue(sink, out string? source))
                reading.Fail(path, $"expected a topic that is no source, found {SettingValue.Quote(sink)}, which is {source}; what is written there would be encrypted again");
            else if (sink.Length > 0)
                sinks.TryAdd(sink, path);
        }

        for (int i = 0; i < settings.Topics.Count; i++)
        {
            string path = $"topics[{i}].deadLetter";
            TopicSettings topic = settings.Topics[i];
            if (!reading.IsGood(path) || topic.Source.Length == 0)
                continue;
            string deadLetter = topic.DeadLetter ?? $"{topic.Source}-dead-letter";
            string found = $"{SettingValue.Quote(deadLetter)}{(topic.DeadLetter is null ? ", the name where none is given" : "")}";
            if (!TextRule.IsTopic(deadLetter))
                reading.Fail(path, $"expected {TextRule.Topic.Description}, found {found}; give it a shorter one");
            else if (sources.TryGetValue(deadLetter, out string? source))
                reading.Fail(path, $"expected a topic that is no source, found {found}, which is {source}; rejected records would come back for ever");
            else if (sinks.TryGetValue(deadLetter, out string? sink))
                reading.Fail(path, $"expected a topic that is no sink, found {found}, which is {sink}; rejected records are plaintexts");
        }
    }

    private static void CheckKeyring(KeyringSettings keyring, SettingsReading reading, IReadOnlyDictionary<string, string> environment)
    {
        (string Path, string? Value)[] ways =
        [
            ("keyring.passphraseEnv", keyring.PassphraseEnv), ("keyring.passphraseFile", keyring.PassphraseFile),
            ("keyring.kekEnv", keyring.KekEnv), ("keyring.kekFile", keyring.KekFile), ("keyring.kekCommand", keyring.KekCommand),
        ];
        (string Path, string? Value)[] given = [.. ways.Where(way => way.Value is not null)];
        foreach ((string path, _) in given.Skip(1))
            reading.Fail(path, $"expected one way to open the keyring, found {given[0].Path} as well");
        foreach ((string path, string? variable) in given)
        {
            // Not by its name: it may be the secret itself, put there by mistake.
            if (path.EndsWith("Env", StringComparison.Ordinal) && !environment.ContainsKey(variable!))
                reading.Fail(path, "expected the name of an environment variable that is set, found one that is not (not shown here)");
        }
    }

    private static void CheckBatch(ServiceSettings settings, SettingsReading reading)
    {
        BatchSettings batch = settings.Batch;
        bool messageGood = reading.IsGood("batch.maxMessageBytes");
        if (messageGood && reading.IsGood("batch.bytes") && batch.Bytes < 2L * batch.MaxMessageBytes)
        {
            reading.Fail(reading.IsSet("batch.bytes") ? "batch.bytes" : "batch.maxMessageBytes",
                $"expected batch.bytes of at least {SizeType.ShowBytes(2L * batch.MaxMessageBytes)}, twice batch.maxMessageBytes ({SizeType.ShowBytes(batch.MaxMessageBytes)}), "
                + $"found {SizeType.ShowBytes(batch.Bytes)}; a float16 or JSON message can double in size as float32, and one batch has to hold it");
        }

        for (int i = 0; i < settings.Topics.Count; i++)
        {
            TopicSettings topic = settings.Topics[i];
            // The fewest bytes that an element takes: a float32, a float16, a digit and a comma.
            long least = topic.Dimension * (topic.Format == "raw" ? 4L : 2L);
            if (messageGood && least > batch.MaxMessageBytes)
            {
                reading.Fail($"topics[{i}].dimension", $"expected a vector that fits into batch.maxMessageBytes ({SizeType.ShowBytes(batch.MaxMessageBytes)}), "
                    + $"found {topic.Dimension} elements, at least {SizeType.ShowBytes(least)} as {topic.Format}");
            }
        }
    }

    // Without this the system would end the process when the batches fill up, long after its start.
    private static void CheckMemory(BatchSettings batch, SettingsReading reading, long available)
    {
        string[] paths = ["batch.count", "batch.bytes", "batch.rows", "batch.maxMessageBytes"];
        long needed = BatchMemoryBytes(batch);
        if (needed <= available || !paths.All(reading.IsGood))
            return;
        reading.Fail(paths.FirstOrDefault(reading.IsSet) ?? "batch",
            $"expected batches that fit into the memory there is ({available >> 20}MiB), found {needed >> 20}MiB: {ServiceSettingsTable.BatchMemory}");
    }

    /// <summary>About how much memory the batches take: inputs and outputs, keys and what else is kept of messages, and the columns of rows.</summary>
    internal static long BatchMemoryBytes(BatchSettings batch) =>
        batch.Count * ((2L * batch.Bytes) + (4L * batch.MaxMessageBytes) + (ServiceSettingsTable.RowBytes * batch.Rows));

    private static void CheckDistinct<T>(SettingsReading reading, string what, T names, params ReadOnlySpan<(string Path, Func<T, string?> Get)> settings)
    {
        var seen = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((string path, Func<T, string?> get) in settings)
        {
            if (get(names) is not { } name || !reading.IsGood(path) || seen.TryAdd(name, path))
                continue;
            // Where one of the two is a default, the other is the one to change.
            (string at, string other) = reading.IsSet(path) || !reading.IsSet(seen[name]) ? (path, seen[name]) : (seen[name], path);
            reading.Fail(at, $"expected {what} with different names, found {SettingValue.Quote(name)} for {other} too");
        }
    }

    private static void CheckDevice(string device, SettingsReading reading, Func<IEnumerable<string>> devices)
    {
        if (device == Kernels.Devices.DeviceCatalog.Auto)
            return;
        string[] names = [Kernels.Devices.DeviceCatalog.Auto, .. devices()];
        if (!names.Contains(device, StringComparer.Ordinal))
            reading.Fail("device", $"expected {string.Join(", ", names.SkipLast(1))} or {names[^1]}, found {SettingValue.Quote(device)}");
    }
}
