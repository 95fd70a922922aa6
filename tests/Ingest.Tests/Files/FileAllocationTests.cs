using GpuCrypt.Ingest.Files;
using GpuCrypt.Kernels.Batches;

namespace GpuCrypt.Ingest.Tests.Files;

[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
#pragma warning disable CA1515 // xunit finds public classes.
public sealed class Alone;
#pragma warning restore CA1515

[Collection(nameof(Alone))]
public sealed class FileAllocationTests : IDisposable
{
    private readonly FileRuns _runs = new();

    public void Dispose() => _runs.Dispose();

    [Theory]
    [InlineData(".npy", BatchOperation.Encrypt)]
    [InlineData(".npy", BatchOperation.Decrypt)]
    [InlineData(".fvecs", BatchOperation.Encrypt)]
    [InlineData(".jsonl", BatchOperation.Encrypt)]
    public async Task A_row_costs_no_allocation(string extension, BatchOperation operation)
    {
        const int Few = 4_000, Many = 44_000;
        Dictionary<int, string> files = new() { [Few] = Make(extension, Few), [Many] = Make(extension, Many) };
        if (operation == BatchOperation.Decrypt)
        {
            foreach (int rows in files.Keys.ToArray())
            {
                await _runs.RunAsync(files[rows], _runs.At($"c{rows}{extension}"), BatchOperation.Encrypt);
                files[rows] = _runs.At($"c{rows}{extension}");
            }
        }

        await Measure(files[Many], operation);
        long few = await Measure(files[Few], operation), many = await Measure(files[Many], operation);
        double perRow = (many - few) / (double)(Many - Few);
        Assert.True(perRow < 8, $"{perRow:0.00} bytes a row");
    }

    private async Task<long> Measure(string file, BatchOperation operation)
    {
        long before = GC.GetTotalAllocatedBytes(precise: true) - _runs.AllocatedByDevice;
        await _runs.RunAsync(file, _runs.At("x" + Path.GetExtension(file)), operation, new FileSettings { Overwrite = true }, rows: 1024, values: 1 << 15, segment: 1 << 14);
        return GC.GetTotalAllocatedBytes(precise: true) - _runs.AllocatedByDevice - before;
    }

    private string Make(string extension, int rows)
    {
        byte[] content = extension switch
        {
            ".npy" => FileRuns.Npy("<f2", false, rows, 24, FileRuns.Value),
            ".fvecs" => FileRuns.Fvecs(Enumerable.Range(0, rows).Select(i => new float[24])),
            _ => [.. Enumerable.Range(0, rows).SelectMany(i => System.Text.Encoding.ASCII.GetBytes($"{{\"id\":{i},\"vector\":[1,0.5,-2,{i}]}}\n"))],
        };
        return _runs.Write($"p{rows}{extension}", content);
    }
}
