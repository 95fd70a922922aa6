namespace GpuCrypt.Host;

/// <summary>What the program's exit codes mean, for every command.</summary>
internal static class ExitCodes
{
    /// <summary>Everything asked for was done.</summary>
    public const int Done = 0;

    /// <summary>It was tried and failed.</summary>
    public const int Failed = 1;

    /// <summary>The command line or the configuration is wrong; nothing was started.</summary>
    public const int Usage = 2;

    /// <summary>Done, but some records were rejected.</summary>
    public const int SomeRejected = 3;
}
