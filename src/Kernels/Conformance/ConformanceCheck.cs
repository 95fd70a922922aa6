using System.Runtime.InteropServices;
using GpuCrypt.Kernels.Batches;
using GpuCrypt.Kernels.Devices;
using GpuCrypt.Kernels.Keys;
using GpuCrypt.Kernels.Scheme;

namespace GpuCrypt.Kernels.Conformance;

/// <summary>
/// Holds a device against vector files: decrypts every ciphertext, encrypts every plaintext under its IV, and compares every bit of
/// ciphertext, tag, metadata and decrypted vector.
/// </summary>
public static class ConformanceCheck
{
    private const int RowsAtOnce = 4096;
    private const int ValuesAtOnce = 1 << 20;

    /// <summary>Checks one file on one device.</summary>
    /// <exception cref="FormatException">The file's parameters make no key.</exception>
    /// <exception cref="DeviceException">The device failed.</exception>
    public static ConformanceResult Run(IVectorDevice device, ConformanceFile file)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(file);
        using VectorKey key = file.DeriveKey();
        var mismatches = new SortedDictionary<int, string>();
        CheckKey(file, key, mismatches);
        IReadOnlyList<ConformanceVector> vectors = file.Vectors;
        int largest = vectors.Count == 0 ? 1 : vectors.Max(v => v.Plain.Length);
        using var batch = new VectorBatch(RowsAtOnce, Math.Max(ValuesAtOnce, largest), device.Memory);
        for (int first = 0, next; first < vectors.Count; first = next)
        {
            // Given IVs and made ones do not go in one batch, so neighbours of one kind do.
            bool errors = vectors[first].Error is not null;
            next = first;
            while (next < vectors.Count && next - first < RowsAtOnce && (vectors[next].Error is not null) == errors && batch.HasRoom(1, vectors[next].Plain.Length))
            {
                batch.TryAddRow(vectors[next].Plain.Length, batch.Keys.Add(key), out _);
                next++;
            }

            if (next == first)
                throw new FormatException($"{file.Name}: line {vectors[first].Line}: a vector of {vectors[first].Plain.Length} elements is longer than any device takes ({VectorBatch.MaximumDimension})");
            if (errors)
            {
                CheckErrors(device, batch, vectors, first, mismatches);
            }
            else
            {
                CheckEncrypt(device, batch, vectors, first, file.SecretId, mismatches);
                CheckDecrypt(device, batch, vectors, first, mismatches);
            }

            batch.Clear();
        }

        return new ConformanceResult(
            file.Name,
            device.Description.Name,
            vectors.Count,
            mismatches.Count,
            mismatches.Count == 0 ? null : mismatches.First().Value);
    }

    private static void CheckKey(ConformanceFile file, VectorKey key, SortedDictionary<int, string> mismatches)
    {
        // The values stay untold: the file may be somebody's own.
        const string Difference = "is not what the file's secret, tenant and path give";
        if (!key.MacKey.SequenceEqual(file.Key.ToArray()))
            mismatches.TryAdd(1, $"line 1, key: {Difference}");
        if (BitConverter.SingleToUInt32Bits(file.ScalingFactor) != BitConverter.SingleToUInt32Bits(key.Material.ScalingFactor))
            mismatches.TryAdd(1, $"line 1, scaling_factor_bits: {Difference}");
    }

    private static void CheckErrors(
        IVectorDevice device, VectorBatch batch, IReadOnlyList<ConformanceVector> vectors, int first, SortedDictionary<int, string> mismatches)
    {
        for (int row = 0; row < batch.Rows; row++)
            vectors[first + row].Plain.CopyTo(batch.Input(row));
        batch.IvSource = IvSource.Random;
        device.Run(batch, BatchOperation.Encrypt);
        for (int row = 0; row < batch.Rows; row++)
        {
            ConformanceVector vector = vectors[first + row];
            string found = batch.Status(row) switch
            {
                RowStatus.Overflow => "Enc(OverflowError)",
                RowStatus.Ok => "no error",
                RowStatus status => status.ToString(),
            };
            if (found != vector.Error)
                Note(mismatches, vector.Line, "error", vector.Error!, found);
        }
    }

    private static void CheckEncrypt(
        IVectorDevice device, VectorBatch batch, IReadOnlyList<ConformanceVector> vectors, int first, uint secretId, SortedDictionary<int, string> mismatches)
    {
        for (int row = 0; row < batch.Rows; row++)
        {
            vectors[first + row].Plain.CopyTo(batch.Input(row));
            vectors[first + row].Iv.CopyTo(batch.OutputIv(row));
        }

        batch.IvSource = IvSource.Given;
        device.Run(batch, BatchOperation.Encrypt);
        byte[] metadata = new byte[VectorMetadata.Size];
        for (int row = 0; row < batch.Rows; row++)
        {
            ConformanceVector vector = vectors[first + row];
            if (batch.Status(row) != RowStatus.Ok)
            {
                Note(mismatches, vector.Line, "cipher", "a ciphertext", batch.Status(row).ToString());
                continue;
            }

            CompareFloats(mismatches, vector.Line, "cipher", vector.Cipher, batch.Output(row));
            CompareBytes(mismatches, vector.Line, "auth_hash", vector.Tag, batch.OutputTag(row));
            VectorMetadata.Write(secretId, batch.OutputIv(row), batch.OutputTag(row), metadata);
            CompareBytes(mismatches, vector.Line, "paired_icl_info", vector.Metadata, metadata);
        }
    }

    private static void CheckDecrypt(
        IVectorDevice device, VectorBatch batch, IReadOnlyList<ConformanceVector> vectors, int first, SortedDictionary<int, string> mismatches)
    {
        for (int row = 0; row < batch.Rows; row++)
        {
            vectors[first + row].Cipher.CopyTo(batch.Input(row));
            vectors[first + row].Iv.CopyTo(batch.InputIv(row));
            vectors[first + row].Tag.CopyTo(batch.InputTag(row));
        }

        device.Run(batch, BatchOperation.Decrypt);
        for (int row = 0; row < batch.Rows; row++)
        {
            ConformanceVector vector = vectors[first + row];
            if (batch.Status(row) != RowStatus.Ok)
                Note(mismatches, vector.Line, "decrypted", "a plaintext", batch.Status(row).ToString());
            else
                CompareFloats(mismatches, vector.Line, "decrypted", vector.Decrypted, batch.Output(row));
        }
    }

    private static void CompareFloats(SortedDictionary<int, string> mismatches, int line, string field, ReadOnlySpan<float> expected, ReadOnlySpan<float> found)
    {
        ReadOnlySpan<uint> a = MemoryMarshal.Cast<float, uint>(expected), b = MemoryMarshal.Cast<float, uint>(found);
        int same = a.CommonPrefixLength(b);
        if (same < a.Length || same < b.Length)
            Note(mismatches, line, $"{field}[{same}]", $"{(same < a.Length ? a[same] : 0):x8}", $"{(same < b.Length ? b[same] : 0):x8}");
    }

    private static void CompareBytes(SortedDictionary<int, string> mismatches, int line, string field, ReadOnlySpan<byte> expected, ReadOnlySpan<byte> found)
    {
        if (!expected.SequenceEqual(found))
            Note(mismatches, line, field, Convert.ToHexStringLower(expected), Convert.ToHexStringLower(found));
    }

    private static void Note(SortedDictionary<int, string> mismatches, int line, string field, string expected, string found) =>
        mismatches.TryAdd(line, $"line {line}, {field}: expected {expected}, found {found}");
}
