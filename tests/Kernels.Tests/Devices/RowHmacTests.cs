using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using GpuCrypt.Kernels.Batches;
using GpuCrypt.Kernels.Devices.Cpu;
using GpuCrypt.Kernels.Keys;
using GpuCrypt.Kernels.Scheme;

namespace GpuCrypt.Kernels.Tests.Devices;

/// <summary>The hashes of a row by itself, with OpenSSL's compression function and without it.</summary>
public unsafe class RowHmacTests
{
    private const byte Sentinel = 0x5c;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Tags_and_synthetic_IVs_are_the_frameworks_HMAC_for_every_length_and_write_no_further_than_their_padding(bool openSsl)
    {
        using VectorKey key = TestKeys.Derive();
        using var hmac = new RowHmac(openSsl);
        var random = new Random(5);
        int[] sizes = [.. Enumerable.Range(0, 300), 1556, 6164, 12308, 40_000];
        byte[] tag = new byte[32], iv = new byte[12];
        foreach (int size in sizes)
        {
            byte[] message = new byte[size];
            random.NextBytes(message);
            byte[] memory = [.. message, .. Enumerable.Repeat(Sentinel, RowHmac.PaddingRoom + 16)];
            fixed (byte* start = memory)
            {
                hmac.Tag(key, start, size, tag);
                Assert.Equal(HMACSHA256.HashData(key.MacKey, message), tag);
                hmac.SyntheticIv(key, start, size, iv);
                Assert.Equal(HMACSHA256.HashData(key.IvKey, message)[..12], iv);
            }

            Assert.Equal(message, memory[..size]);
            Assert.All(memory[(size + RowHmac.PaddingRoom)..], value => Assert.Equal(Sentinel, value));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Seeds_are_the_HMAC_of_the_IV_whatever_was_hashed_before(bool openSsl)
    {
        using VectorKey first = TestKeys.Derive(), second = TestKeys.Other("e", 5f, scaling: false);
        using var hmac = new RowHmac(openSsl);
        byte[] iv = new byte[Iv.Size], found = new byte[Digest.Size];
        for (int round = 0; round < 50; round++)
        {
            VectorKey key = round % 3 == 0 ? second : first;
            new Random(round).NextBytes(iv);
            hmac.Seed(key, iv, out Digest seed);
            for (int word = 0; word < 8; word++)
                BinaryPrimitives.WriteUInt32BigEndian(found.AsSpan(4 * word), Unsafe.Add(ref seed.H0, word));
            Assert.Equal(HMACSHA256.HashData(key.MacKey, iv), found);
        }
    }

    [Fact]
    public void Rows_without_OpenSSLs_function_equal_the_scalar_ones_in_every_operation()
    {
        using VectorKey key = TestKeys.Derive(), target = TestKeys.Other("target", 0.5f, scaling: true);
        using CpuRows scalar = CpuRows.Create(CpuPath.Scalar), without = new VectorRows<PortableKernel>(openSsl: false);
        foreach (int dimension in (int[])[0, 1, 9, 11, 384])
        {
            using VectorBatch ours = Batch(dimension), theirs = Batch(dimension);
            foreach (IvSource ivs in (IvSource[])[IvSource.Given, IvSource.Synthetic])
            {
                foreach (BatchOperation operation in (BatchOperation[])[BatchOperation.Encrypt, BatchOperation.Decrypt, BatchOperation.Rotate])
                {
                    ours.IvSource = theirs.IvSource = ivs;
                    without.Run(ours, operation, 0, 1);
                    scalar.Run(theirs, operation, 0, 1);
                    Assert.Equal(RowStatus.Ok, ours.Status(0));
                    Assert.Equal(theirs.Output(0).ToArray(), ours.Output(0).ToArray());
                    if (operation == BatchOperation.Decrypt)
                        continue;
                    Assert.Equal(theirs.OutputIv(0).ToArray(), ours.OutputIv(0).ToArray());
                    Assert.Equal(theirs.OutputTag(0).ToArray(), ours.OutputTag(0).ToArray());
                    if (operation == BatchOperation.Rotate)
                        continue;
                    foreach (VectorBatch batch in (VectorBatch[])[ours, theirs])
                    {
                        batch.Output(0).CopyTo(batch.Input(0));
                        batch.OutputIv(0).CopyTo(batch.InputIv(0));
                        batch.OutputTag(0).CopyTo(batch.InputTag(0));
                    }
                }
            }
        }

        VectorBatch Batch(int dimension)
        {
            var batch = new VectorBatch(1, 400);
            batch.TryAddRow(dimension, batch.Keys.Add(key), out _);
            batch.TargetKeyIndex(0) = batch.Keys.Add(target);
            batch.TrySetRecordId(0, "a record"u8, 3);
            for (int i = 0; i < dimension; i++)
                batch.Input(0)[i] = MathF.Sin(i);
            batch.OutputIv(0).Fill(0x77);
            return batch;
        }
    }
}
