namespace GpuCrypt.Host.Service.Configuration;

/// <summary>What a setting is made of, and so how a path or an environment variable goes on behind its name.</summary>
internal enum SettingShape
{
    /// <summary>One value.</summary>
    Value,

    /// <summary>Texts by index.</summary>
    Texts,

    /// <summary>Texts by the name of a client property.</summary>
    Properties,

    /// <summary>Settings by name.</summary>
    Section,

    /// <summary>Settings by index and name.</summary>
    Sections,
}
