namespace GpuCrypt.Host.Service.Configuration;

/// <summary>Where a setting was said: a place in the file (line and column from 1), or, without a line, an environment variable.</summary>
internal readonly record struct SettingPlace(string Origin, int Line = 0, int Column = 0)
{
    /// <summary>As compilers write it, so that editors and terminals can jump there.</summary>
    public override string ToString() => Line == 0 ? Origin : $"{Origin}:{Line}:{Column}";
}
