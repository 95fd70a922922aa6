using GpuCrypt.Kernels.Batches;
using GpuCrypt.Kernels.Devices;
using GpuCrypt.Kernels.Keys;

namespace GpuCrypt.Kernels.Tests.Devices;

/// <summary>What devices may write: a row's output to its end rounded up to 16 elements, and the output columns. Nothing else.</summary>
public unsafe class CpuBoundsTests
{
    private const uint Sentinel = 0x5ca1ab1e;

    public static TheoryData<string> DeviceNames => [.. DeviceCatalog.List().Select(d => d.Name)];

    [Theory]
    [MemberData(nameof(DeviceNames))]
    public void A_device_writes_no_output_beyond_its_rows_and_no_input_at_all(string name)
    {
        using IVectorDevice device = DeviceCatalog.Open(name, 1);
        using VectorKey key = TestKeys.Derive(), other = TestKeys.Derive("other", scaling: false);
        foreach (int dimension in (int[])[0, 1, 7, 8, 9, 15, 16, 17, 31, 33, 100, 385])
        {
            // Every row of one batch alone, so that no neighbour repairs what another row did.
            for (int alone = 0; alone < 3; alone++)
            {
                using var batch = new VectorBatch(3, 3 * 400);
                for (int row = 0; row < 3; row++)
                {
                    batch.TryAddRow(row == alone ? dimension : 0, batch.Keys.Add(key), out _);
                    batch.TargetKeyIndex(row) = batch.Keys.Add(other);
                    batch.Input(row).Fill(0.25f);
                }

                int first = batch.Offsets[alone], end = first + ((dimension + 15) & ~15);
                byte[] inputs = new ReadOnlySpan<byte>(batch.Inputs, 4 * batch.ValueCapacity).ToArray();
                foreach (BatchOperation operation in (BatchOperation[])[BatchOperation.Encrypt, BatchOperation.EncryptOneWay, BatchOperation.Decrypt, BatchOperation.Rotate])
                {
                    Span<uint> outputs = new(batch.Outputs, batch.ValueCapacity);
                    if (operation == BatchOperation.Decrypt)
                    {
                        device.Run(batch, BatchOperation.Encrypt);
                        for (int row = 0; row < 3; row++)
                        {
                            batch.Output(row).CopyTo(batch.Input(row));
                            batch.OutputIv(row).CopyTo(batch.InputIv(row));
                            batch.OutputTag(row).CopyTo(batch.InputTag(row));
                        }

                        inputs = new ReadOnlySpan<byte>(batch.Inputs, 4 * batch.ValueCapacity).ToArray();
                    }

                    outputs.Fill(Sentinel);
                    device.Run(batch, operation);
                    string place = $"{name}, {operation}, d = {dimension}, row {alone}";
                    Assert.True(inputs.AsSpan().SequenceEqual(new ReadOnlySpan<byte>(batch.Inputs, 4 * batch.ValueCapacity)), place);
                    Assert.False(outputs[..first].ContainsAnyExcept(Sentinel), place);
                    Assert.False(outputs[end..].ContainsAnyExcept(Sentinel), place);
                    Assert.False(outputs[first..(first + dimension)].Contains(Sentinel), place);
                }
            }
        }
    }
}
