namespace GpuCrypt.Perf.Stages;

/// <summary>A stage of an encryption that can be run by itself.</summary>
/// <param name="Name">What it does.</param>
/// <param name="Unit">What its cost is given for.</param>
/// <param name="UnitsOfVector">The units of one vector.</param>
/// <param name="UnitsOfRun">The units of one <paramref name="Run"/>.</param>
/// <param name="ByNumber">The cycles that the unit's instructions take at least by their number; 0 where nothing is said.</param>
/// <param name="ByDependency">The cycles that they take at least because one waits for another; 0 where nothing is said.</param>
/// <param name="Run">Runs it.</param>
internal sealed record Stage(string Name, string Unit, double UnitsOfVector, double UnitsOfRun, double ByNumber, double ByDependency, Action Run);
