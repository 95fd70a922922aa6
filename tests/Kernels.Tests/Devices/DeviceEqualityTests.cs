using System.Runtime.InteropServices;
using FsCheck;
using FsCheck.Fluent;
using GpuCrypt.Kernels.Batches;
using GpuCrypt.Kernels.Devices;
using GpuCrypt.Kernels.Keys;
using GpuCrypt.Kernels.Scheme;

namespace GpuCrypt.Kernels.Tests.Devices;

/// <summary>Every device against the scalar scheme over random batches: dimensions, tenants, operations, awkward values.</summary>
public sealed class DeviceEqualityTests : IDisposable
{
    private readonly IVectorDevice _scalar = DeviceCatalog.Open("cpu:scalar", 1);
    private readonly VectorKey[] _keys =
    [
        TestKeys.Derive(), TestKeys.Derive("b", 0f), TestKeys.Derive("c", 65535f, scaling: false), TestKeys.Other("d", 0.5f, true), TestKeys.Other("e", 5f, false),
    ];

    public static TheoryData<string> Fast => [.. DeviceCatalog.List().Select(d => d.Name).Where(n => n != "cpu:scalar")];

    public void Dispose()
    {
        _scalar.Dispose();
        foreach (VectorKey key in _keys)
            key.Dispose();
    }

    [Theory]
    [MemberData(nameof(Fast))]
    public void Random_batches_equal_the_scalar_scheme_in_every_operation(string name)
    {
        using IVectorDevice device = DeviceCatalog.Open(name);
        Gen<int> dimension = Gen.Frequency((6, Gen.Choose(1, 40)), (3, Gen.Choose(41, 700)), (1, Gen.Choose(701, 8192)), (1, Gen.Constant(0)));
        Gen<(int[] Dimensions, int Seed)> cases = from rows in Gen.Choose(1, 40)
                                                  from dimensions in Gen.ArrayOf(dimension, rows)
                                                  from seed in Gen.Choose(0, int.MaxValue)
                                                  select (dimensions, seed);
        Prop.ForAll(cases.ToArbitrary(), c => AssertEqual(device, c.Dimensions, new Random(c.Seed)))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(60));
    }

    [Theory]
    [MemberData(nameof(Fast))]
    public void Random_runs_of_one_dimension_equal_the_scalar_scheme_in_every_operation(string name)
    {
        using IVectorDevice device = DeviceCatalog.Open(name);
        Gen<int> dimension = Gen.Frequency((4, Gen.Choose(1, 64)), (4, Gen.Choose(65, 1024)), (2, Gen.Choose(1025, 8192)), (1, Gen.Constant(0)));
        // Runs that fill sixteen lanes, that do not, that start in the middle of others, and that are too short for lanes.
        Gen<int[]> run = from d in dimension from rows in Gen.Choose(1, 35) select Enumerable.Repeat(d, rows).ToArray();
        Gen<(int[][] Runs, int Seed)> cases = from runs in Gen.Choose(1, 4).SelectMany(count => Gen.ArrayOf(run, count))
                                              from seed in Gen.Choose(0, int.MaxValue)
                                              select (runs, seed);
        Prop.ForAll(cases.ToArbitrary(), c => AssertEqual(device, [.. c.Runs.SelectMany(r => r)], new Random(c.Seed)))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(60));
    }

    [Theory]
    [MemberData(nameof(Fast))]
    public void Every_dimension_to_300_equals_the_scalar_scheme_in_runs_of_one_to_seventeen_rows(string name)
    {
        // One thread: a claim is then the whole batch, and every run is met as it is.
        using IVectorDevice device = DeviceCatalog.Open(name, 1);
        for (int first = 0; first <= 300; first += 50)
        {
            int[] dimensions = [.. Enumerable.Range(first, 50).SelectMany(d => Enumerable.Repeat(d, 1 + (d * 7 % 17)))];
            AssertEqual(device, dimensions, new Random(first));
        }
    }

    [Theory]
    [MemberData(nameof(Fast))]
    public void Every_dimension_to_300_and_awkward_ones_beyond_equal_the_scalar_scheme(string name)
    {
        using IVectorDevice device = DeviceCatalog.Open(name);
        int[] dimensions = [.. Enumerable.Range(0, 301), 384, 511, 512, 513, 768, 1000, 1023, 1024, 1025, 1536, 3072, 4095, 4096, 8191, 8192];
        AssertEqual(device, dimensions, new Random(7));
    }

    [Theory]
    [MemberData(nameof(Fast))]
    public void A_row_that_overflows_or_has_a_bad_tag_is_zero_and_its_neighbours_are_done(string name)
    {
        using IVectorDevice device = DeviceCatalog.Open(name);
        using var batch = new VectorBatch(9, 9 * 112);
        for (int row = 0; row < 9; row++)
        {
            batch.TryAddRow(100, batch.Keys.Add(_keys[0]), out _);
            batch.Input(row).Fill(0.25f);
            batch.Output(row).Fill(9f);
        }

        batch.Input(2)[99] = float.NaN;
        batch.Input(4)[0] = float.NegativeInfinity;
        batch.Input(6)[50] = 3e38f;
        device.Run(batch, BatchOperation.Encrypt);
        int[] bad = [2, 4, 6];
        for (int row = 0; row < 9; row++)
        {
            Assert.Equal(bad.Contains(row) ? RowStatus.Overflow : RowStatus.Ok, batch.Status(row));
            Assert.Equal(bad.Contains(row), !batch.Output(row).ContainsAnyExcept(0f));
            Assert.Equal(bad.Contains(row), !batch.OutputTag(row).ContainsAnyExcept((byte)0));
        }

        for (int row = 0; row < 9; row++)
        {
            batch.Output(row).CopyTo(batch.Input(row));
            batch.OutputIv(row).CopyTo(batch.InputIv(row));
            batch.OutputTag(row).CopyTo(batch.InputTag(row));
        }

        batch.InputTag(0)[31] ^= 1;
        batch.InputIv(1)[0] ^= 0x80;
        batch.Input(3)[99] = BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(batch.Input(3)[99]) ^ 1);
        device.Run(batch, BatchOperation.Decrypt);
        bad = [0, 1, 2, 3, 4, 6];
        for (int row = 0; row < 9; row++)
        {
            Assert.Equal(bad.Contains(row) ? RowStatus.BadTag : RowStatus.Ok, batch.Status(row));
            Assert.Equal(bad.Contains(row), !batch.Output(row).ContainsAnyExcept(0f));
        }
    }

    [Theory]
    [MemberData(nameof(Fast))]
    public void Rotation_equals_decryption_then_encryption(string name)
    {
        using IVectorDevice device = DeviceCatalog.Open(name);
        using var batch = new VectorBatch(20, 20 * 512);
        using var two = new VectorBatch(20, 20 * 512);
        var random = new Random(3);
        for (int row = 0; row < 20; row++)
        {
            batch.TryAddRow(20 * row, batch.Keys.Add(_keys[row % 5]), out _);
            foreach (ref float value in batch.Input(row))
                value = (float)random.NextDouble();
        }

        batch.IvSource = IvSource.Random;
        device.Run(batch, BatchOperation.Encrypt);
        for (int row = 0; row < 20; row++)
        {
            two.TryAddRow(20 * row, two.Keys.Add(_keys[row % 5]), out _);
            two.TargetKeyIndex(row) = two.Keys.Add(_keys[(row + 1) % 5]);
            batch.Output(row).CopyTo(two.Input(row));
            batch.OutputIv(row).CopyTo(two.InputIv(row));
            batch.OutputTag(row).CopyTo(two.InputTag(row));
            random.NextBytes(two.OutputIv(row));
        }

        two.InputTag(7)[0] ^= 1;
        two.IvSource = IvSource.Given;
        device.Run(two, BatchOperation.Decrypt);
        float[][] plain = [.. Enumerable.Range(0, 20).Select(row => two.Output(row).ToArray())];
        device.Run(two, BatchOperation.Rotate);
        using var expected = new VectorBatch(20, 20 * 512) { IvSource = IvSource.Given };
        for (int row = 0; row < 20; row++)
        {
            expected.TryAddRow(20 * row, expected.Keys.Add(_keys[(row + 1) % 5]), out _);
            plain[row].CopyTo(expected.Input(row));
            two.OutputIv(row).CopyTo(expected.OutputIv(row));
        }

        device.Run(expected, BatchOperation.Encrypt);
        for (int row = 0; row < 20; row++)
        {
            if (row == 7)
            {
                Assert.Equal(RowStatus.BadTag, two.Status(row));
                continue;
            }

            Assert.Equal(RowStatus.Ok, two.Status(row));
            Assert.True(Bits(expected.Output(row)).SequenceEqual(Bits(two.Output(row))), $"row {row}");
            Assert.True(expected.OutputTag(row).SequenceEqual(two.OutputTag(row)), $"row {row}");
        }
    }

    [Theory]
    [MemberData(nameof(Fast))]
    public void Rotation_of_rows_that_share_their_keys_equals_the_scalar_one_alone_and_in_runs(string name)
    {
        using IVectorDevice device = DeviceCatalog.Open(name);
        var random = new Random(17);
        foreach (int dimension in new[] { 0, 1, 7, 16, 100, 385 })
        {
            const int Rows = 50;
            using var ours = new VectorBatch(Rows, Rows * 400) { IvSource = IvSource.Given };
            using var theirs = new VectorBatch(Rows, Rows * 400) { IvSource = IvSource.Given };
            VectorKey source = _keys[0], target = _keys[3];
            for (int row = 0; row < Rows; row++)
            {
                // Runs of one to nine rows: most rows have a neighbour with the same two keys, some have none.
                if (random.Next(5) == 0)
                    (source, target) = (_keys[random.Next(5)], _keys[random.Next(5)]);
                foreach (VectorBatch batch in new[] { ours, theirs })
                {
                    batch.TryAddRow(dimension, batch.Keys.Add(source), out _);
                    batch.TargetKeyIndex(row) = batch.Keys.Add(target);
                }

                Fill(theirs.Input(row), random);
                random.NextBytes(theirs.OutputIv(row));
            }

            _scalar.Run(theirs, BatchOperation.Encrypt);
            for (int row = 0; row < Rows; row++)
            {
                foreach (VectorBatch batch in new[] { ours, theirs })
                {
                    theirs.Output(row).CopyTo(batch.Input(row));
                    theirs.OutputIv(row).CopyTo(batch.InputIv(row));
                    theirs.OutputTag(row).CopyTo(batch.InputTag(row));
                    batch.OutputIv(row).Fill((byte)row);
                    batch.InputTag(row)[0] ^= (byte)(row % 11 == 3 ? 1 : 0);
                }
            }

            device.Run(ours, BatchOperation.Rotate);
            _scalar.Run(theirs, BatchOperation.Rotate);
            for (int row = 0; row < Rows; row++)
            {
                string place = $"{name}, d = {dimension}, row {row}";
                Assert.True(theirs.Status(row) == ours.Status(row), place);
                Assert.True(theirs.OutputTag(row).SequenceEqual(ours.OutputTag(row)), place);
                Assert.True(Bits(theirs.Output(row)).SequenceEqual(Bits(ours.Output(row))), place);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Fast))]
    public void One_way_output_is_the_ciphertext_of_a_forgotten_IV_without_a_tag(string name)
    {
        using IVectorDevice device = DeviceCatalog.Open(name);
        using var batch = new VectorBatch(2, 256) { IvSource = IvSource.Given };
        byte[] iv = [.. Enumerable.Range(0, 12).Select(i => (byte)i)];
        float[][] outputs = new float[2][];
        foreach (BatchOperation operation in new[] { BatchOperation.Encrypt, BatchOperation.EncryptOneWay })
        {
            batch.Clear();
            batch.TryAddRow(77, batch.Keys.Add(_keys[0]), out _);
            batch.Input(0).Fill(0.125f);
            iv.CopyTo(batch.OutputIv(0));
            device.Run(batch, operation);
            outputs[operation == BatchOperation.Encrypt ? 0 : 1] = batch.Output(0).ToArray();
        }

        Assert.Equal(outputs[0], outputs[1]);
        Assert.False(batch.OutputIv(0).ContainsAnyExcept((byte)0));
        Assert.False(batch.OutputTag(0).ContainsAnyExcept((byte)0));
    }

    [Theory]
    [MemberData(nameof(Fast))]
    public void Random_IVs_never_repeat_and_synthetic_ones_repeat_exactly(string name)
    {
        using IVectorDevice device = DeviceCatalog.Open(name);
        using var batch = new VectorBatch(500, 500 * 16);
        string[][] runs = new string[4][];
        for (int run = 0; run < 4; run++)
        {
            batch.Clear();
            batch.IvSource = run < 2 ? IvSource.Random : IvSource.Synthetic;
            for (int row = 0; row < 500; row++)
            {
                batch.TryAddRow(3, batch.Keys.Add(_keys[0]), out _);
                batch.Input(row).Fill(0.5f);
                batch.TrySetRecordId(row, BitConverter.GetBytes(row), 0);
            }

            device.Run(batch, BatchOperation.Encrypt);
            runs[run] = [.. Enumerable.Range(0, 500).Select(row => Convert.ToHexString(batch.OutputIv(row)))];
        }

        Assert.Equal(1000, runs[0].Concat(runs[1]).Distinct().Count());
        Assert.Equal(runs[2], runs[3]);
        Assert.Equal(500, runs[2].Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Fast))]
    public void Synthetic_IVs_equal_the_scalar_ones_for_ids_of_any_length(string name)
    {
        using IVectorDevice device = DeviceCatalog.Open(name);
        var random = new Random(11);
        foreach (int dimension in new[] { 0, 1, 8, 11, 13, 14, 15, 30, 100, 384 })
        {
            for (int longest = 0; longest <= 300; longest += 50)
            {
                using var ours = new VectorBatch(37, 37 * 400) { IvSource = IvSource.Synthetic };
                using var theirs = new VectorBatch(37, 37 * 400) { IvSource = IvSource.Synthetic };
                for (int row = 0; row < 37; row++)
                {
                    VectorKey key = _keys[random.Next(_keys.Length)];
                    byte[] id = new byte[random.Next(longest + 1)];
                    random.NextBytes(id);
                    foreach (VectorBatch batch in new[] { ours, theirs })
                    {
                        batch.TryAddRow(dimension, batch.Keys.Add(key), out _);
                        Assert.True(batch.TrySetRecordId(row, id, row % 5));
                    }

                    Fill(ours.Input(row), random);
                    ours.Input(row).CopyTo(theirs.Input(row));
                }

                Compare(BatchOperation.Encrypt);
                for (int row = 0; row < 37; row++)
                {
                    VectorKey target = _keys[random.Next(_keys.Length)];
                    foreach (VectorBatch batch in new[] { ours, theirs })
                    {
                        batch.TargetKeyIndex(row) = batch.Keys.Add(target);
                        theirs.Output(row).CopyTo(batch.Input(row));
                        theirs.OutputIv(row).CopyTo(batch.InputIv(row));
                        theirs.OutputTag(row).CopyTo(batch.InputTag(row));
                    }
                }

                // Made of the plaintext as it was, which a rotation has in hand for a moment only.
                Compare(BatchOperation.Rotate);

                void Compare(BatchOperation operation)
                {
                    device.Run(ours, operation);
                    _scalar.Run(theirs, operation);
                    for (int row = 0; row < 37; row++)
                    {
                        string place = $"{name}, {operation}, d = {dimension}, row {row}";
                        Assert.True(theirs.Status(row) == ours.Status(row), place);
                        Assert.True(theirs.OutputIv(row).SequenceEqual(ours.OutputIv(row)), place);
                        Assert.True(theirs.OutputTag(row).SequenceEqual(ours.OutputTag(row)), place);
                        Assert.True(Bits(theirs.Output(row)).SequenceEqual(Bits(ours.Output(row))), place);
                    }
                }
            }
        }
    }

    private void AssertEqual(IVectorDevice device, int[] dimensions, Random random)
    {
        int values = dimensions.Sum(d => (d + 15) / 16 * 16) + 16;
        using var ours = new VectorBatch(dimensions.Length, values);
        using var theirs = new VectorBatch(dimensions.Length, values);
        for (int row = 0; row < dimensions.Length; row++)
        {
            VectorKey key = _keys[random.Next(_keys.Length)];
            ours.TryAddRow(dimensions[row], ours.Keys.Add(key), out _);
            theirs.TryAddRow(dimensions[row], theirs.Keys.Add(key), out _);
            Fill(ours.Input(row), random);
            ours.Input(row).CopyTo(theirs.Input(row));
            random.NextBytes(ours.OutputIv(row));
            ours.OutputIv(row).CopyTo(theirs.OutputIv(row));
        }

        ours.IvSource = IvSource.Given;
        theirs.IvSource = IvSource.Given;
        Compare(BatchOperation.Encrypt);
        Compare(BatchOperation.Rotate);
        for (int row = 0; row < dimensions.Length; row++)
        {
            foreach (VectorBatch batch in new[] { ours, theirs })
            {
                theirs.Output(row).CopyTo(batch.Input(row));
                theirs.OutputIv(row).CopyTo(batch.InputIv(row));
                theirs.OutputTag(row).CopyTo(batch.InputTag(row));
            }
        }

        // One tag, one IV and one element that are not what they were.
        int bad = random.Next(dimensions.Length), foreign = random.Next(dimensions.Length), changed = random.Next(dimensions.Length);
        foreach (VectorBatch batch in new[] { ours, theirs })
        {
            batch.InputTag(bad)[bad % 32] ^= 0x10;
            batch.InputIv(foreign)[foreign % 12] ^= 1;
            if (dimensions[changed] > 0)
                Bits(batch.Input(changed))[^1] ^= 1;
        }

        Compare(BatchOperation.Decrypt);
        Compare(BatchOperation.Rotate);
        Compare(BatchOperation.EncryptOneWay);

        void Compare(BatchOperation operation)
        {
            device.Run(ours, operation);
            _scalar.Run(theirs, operation);
            for (int row = 0; row < dimensions.Length; row++)
            {
                string place = $"{device.Description.Name}, {operation}, row {row}, d = {dimensions[row]}";
                Assert.True(theirs.Status(row) == ours.Status(row), $"{place}: {theirs.Status(row)}, {ours.Status(row)}");
                int same = Bits(theirs.Output(row)).CommonPrefixLength(Bits(ours.Output(row)));
                Assert.True(same == dimensions[row], $"{place}: differs at element {same}");
                if (operation is BatchOperation.Encrypt or BatchOperation.Rotate)
                    Assert.True(theirs.OutputTag(row).SequenceEqual(ours.OutputTag(row)), $"{place}: tag");
            }
        }
    }

    /// <summary>Mostly embeddings, now and then a subnormal, a zero, something huge, infinite or NaN.</summary>
    private static void Fill(Span<float> row, Random random)
    {
        int kind = random.Next(20);
        for (int i = 0; i < row.Length; i++)
            row[i] = (float)((random.NextDouble() * 2) - 1);
        if (row.Length == 0 || kind < 12)
            return;
        row[random.Next(row.Length)] = kind switch
        {
            12 => float.NaN,
            13 => float.PositiveInfinity,
            14 => 3e38f,
            15 => float.Epsilon,
            16 => -0f,
            17 => 1e30f,
            18 => float.MaxValue,
            _ => 1e-39f,
        };
    }

    private static Span<uint> Bits(Span<float> values) => MemoryMarshal.Cast<float, uint>(values);
}
