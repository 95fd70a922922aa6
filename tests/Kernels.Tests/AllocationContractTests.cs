using System.Text.Json;
using GpuCrypt.Kernels.Batches;
using GpuCrypt.Kernels.Devices;
using GpuCrypt.Kernels.Keys;
using GpuCrypt.Kernels.Scheme;

namespace GpuCrypt.Kernels.Tests;

/// <summary>Keeps these tests apart from all others: one of them counts what the whole process allocates.</summary>
[CollectionDefinition(nameof(AllocationContract), DisableParallelization = true)]
public sealed class AllocationContract;

/// <summary>perf/allocations.json says how many bytes of managed memory an operation takes; these tests hold it to the byte, both ways.</summary>
[Collection(nameof(AllocationContract))]
public sealed class AllocationContractTests : IDisposable
{
    private const int Rows = 64;
    private const int Dimension = 768;

    private static readonly Dictionary<string, long> Contract = Read();

    private readonly VectorKey _key = TestKeys.Derive();
    private readonly VectorKey _other = TestKeys.Derive("other");
    private readonly float[] _plain = [.. Enumerable.Range(0, Dimension).Select(i => (float)Math.Sin(i))];

    public static TheoryData<string> DeviceNames => [.. DeviceCatalog.List().Select(d => d.Name)];

    private static string[] Tested { get; } =
    [
        "batch: fill 64 rows", "device: encrypt 64 rows", "device: encrypt 64 rows, synthetic IVs", "device: one-way encrypt 64 rows", "device: decrypt 64 rows",
        "device: rotate 64 rows", "device: submit and wait, workers included", "synthetic IV", "metadata: write and read", "cipher: encrypt, d = 768",
        "cipher: encrypt a query, d = 768", "cipher: decrypt, d = 768",
    ];

    public void Dispose()
    {
        _key.Dispose();
        _other.Dispose();
    }

    [Fact]
    public void The_contract_names_what_is_tested_and_nothing_else() => Assert.Equal(Tested.Order(StringComparer.Ordinal), Contract.Keys.Order(StringComparer.Ordinal));

    [Fact]
    public void Filling_a_batch_keeps_the_contract()
    {
        using var batch = new VectorBatch(Rows, Rows * Dimension);
        Hold("batch: fill 64 rows", () => Fill(batch));
    }

    [Theory]
    [MemberData(nameof(DeviceNames))]
    public void A_device_keeps_the_contract_in_every_operation(string name)
    {
        using IVectorDevice device = DeviceCatalog.Open(name, 1);
        using var batch = new VectorBatch(Rows, Rows * Dimension);
        Fill(batch);
        batch.IvSource = IvSource.Random;
        HoldRows("device: encrypt 64 rows", BatchOperation.Encrypt);
        batch.IvSource = IvSource.Synthetic;
        HoldRows("device: encrypt 64 rows, synthetic IVs", BatchOperation.Encrypt);
        HoldRows("device: one-way encrypt 64 rows", BatchOperation.EncryptOneWay);
        device.Run(batch, BatchOperation.Encrypt);
        for (int row = 0; row < Rows; row++)
        {
            batch.Output(row).CopyTo(batch.Input(row));
            batch.OutputIv(row).CopyTo(batch.InputIv(row));
            batch.OutputTag(row).CopyTo(batch.InputTag(row));
            batch.TargetKeyIndex(row) = batch.Keys.Add(_other);
        }

        HoldRows("device: decrypt 64 rows", BatchOperation.Decrypt);
        HoldRows("device: rotate 64 rows", BatchOperation.Rotate);

        void HoldRows(string operation, BatchOperation what)
        {
            Hold(operation, () => device.Run(batch, what));
            // Rows that fail early would keep any contract.
            for (int row = 0; row < Rows; row++)
                Assert.Equal(RowStatus.Ok, batch.Status(row));
        }
    }

    [Fact]
    public void Workers_keep_the_contract_too()
    {
        using IVectorDevice device = DeviceCatalog.Open("cpu", 2);
        using var batch = new VectorBatch(Rows, Rows * Dimension);
        Fill(batch);
        batch.IvSource = IvSource.Synthetic;
        Hold(
            "device: submit and wait, workers included",
            () =>
            {
                device.Submit(batch, BatchOperation.Encrypt);
                device.Wait(batch);
            },
            () => GC.GetTotalAllocatedBytes(precise: true));
        Assert.Equal(RowStatus.Ok, batch.Status(Rows - 1));
    }

    [Fact]
    public void A_synthetic_iv_keeps_the_contract()
    {
        byte[] id = new byte[16], iv = new byte[12], scratch = new byte[SyntheticIv.ScratchSize(id.Length, Dimension)];
        Hold("synthetic IV", () => SyntheticIv.Compute(_key, id, 3, _plain, scratch, iv));
    }

    [Fact]
    public void Metadata_keeps_the_contract()
    {
        byte[] metadata = new byte[VectorMetadata.Size], iv = new byte[12], tag = new byte[32];
        Hold("metadata: write and read", () =>
        {
            VectorMetadata.Write(7, iv, tag, metadata);
            Assert.True(VectorMetadata.TryRead(metadata, out _, iv, tag, out _));
        });
    }

    [Fact]
    public void A_cipher_allocates_its_results_alone()
    {
        using var cipher = new VectorCipher(_key);
        EncryptedVector encrypted = cipher.Encrypt(_plain);
        Hold("cipher: encrypt, d = 768", () => cipher.Encrypt(_plain));
        Hold("cipher: encrypt a query, d = 768", () => cipher.EncryptQuery(_plain));
        Hold("cipher: decrypt, d = 768", () => cipher.Decrypt(encrypted.Cipher, encrypted.Metadata));
    }

    /// <summary>
    /// The fewest bytes of several rounds: what an operation takes it takes every time, while the runtime allocates now and then on its own
    /// account (first use of a rare branch, compilation).
    /// </summary>
    private static void Hold(string operation, Action action, Func<long>? allocated = null)
    {
        allocated ??= GC.GetAllocatedBytesForCurrentThread;
        const int Runs = 4;
        long fewest = long.MaxValue;
        for (int round = 0; round < 6; round++)
        {
            long before = allocated();
            for (int run = 0; run < Runs; run++)
                action();
            fewest = Math.Min(fewest, allocated() - before);
        }

        long expected = Contract[operation];
        Assert.True(
            fewest == expected * Runs,
            $"{operation}: perf/allocations.json says {expected} B, found {(double)fewest / Runs:0.##} B; find out why before changing the file");
    }

    private static Dictionary<string, long> Read()
    {
        using JsonDocument file = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "allocations.json")));
        return file.RootElement.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetInt64());
    }

    private void Fill(VectorBatch batch)
    {
        batch.Clear();
        for (int row = 0; row < Rows; row++)
        {
            batch.TryAddRow(Dimension, batch.Keys.Add(_key), out _);
            _plain.CopyTo(batch.Input(row));
            batch.TrySetRecordId(row, "some record"u8, 0);
        }
    }
}
