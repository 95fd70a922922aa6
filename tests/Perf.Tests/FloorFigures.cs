using GpuCrypt.Kernels.Batches;
using GpuCrypt.Kernels.Devices;
using GpuCrypt.Perf.Floor;

namespace GpuCrypt.Perf.Tests;

/// <summary>Figures as a run would give them, with times made up.</summary>
internal static class FloorFigures
{
    public static DeviceDescription Device { get; } = new("cpu<&>\"", "cpu", "a processor", "Vector512 & more", 1, true);

    /// <summary>Times of 2, 3 and 7 µs beside floors of 2 µs: 1.50 floors, from 1.00 to 3.50.</summary>
    public static FloorFigure Figure(int dimension = 384, int rows = 64, BatchOperation operation = BatchOperation.Encrypt, IvSource ivs = IvSource.Random, double times = 1) =>
        new(Device, rows, dimension, operation, ivs, [3e-6 * times, 2e-6 * times, 7e-6 * times], [2e-6, 2e-6, 2e-6], [1e-6, 1e-6, 1e-6]);

    /// <summary>Every operation at every number of rows and dimension.</summary>
    public static FloorFigure[] Run(int[] rows, int[] dimensions) =>
    [
        .. from d in dimensions
           from r in rows
           from o in FloorMeasurement.Operations
           select Figure(d, r, o.Operation, o.Ivs, 0.2 + (d / 1000.0)),
    ];
}
