using GpuCrypt.Kernels.Batches;

namespace GpuCrypt.Host.Benchmark;

/// <summary>What operations are called on a command line and in reports.</summary>
internal static class BenchmarkOperations
{
    /// <summary>Every operation, in the order of reports.</summary>
    public static IReadOnlyList<BatchOperation> All { get; } = [BatchOperation.Encrypt, BatchOperation.Decrypt, BatchOperation.Rotate, BatchOperation.EncryptOneWay];

    /// <summary>The names of <see cref="All"/>.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(Name)];

    /// <summary>The name of an operation.</summary>
    public static string Name(BatchOperation operation) => operation switch
    {
        BatchOperation.Encrypt => "encrypt",
        BatchOperation.Decrypt => "decrypt",
        BatchOperation.Rotate => "rotate",
        _ => "one-way",
    };

    /// <summary>The operation of a name from <see cref="Names"/>.</summary>
    public static BatchOperation Parse(string name) => All.First(operation => Name(operation) == name);
}
