// The build's tasks, run by build.sh: dotnet cake --target=NAME. Cake itself is pinned in .config/dotnet-tools.json.

using System.Globalization;
using System.Xml.Linq;

const string Solution = "GpuCrypt.sln";
const string Configuration = "Release";
const long PublishedSizeLimit = 40_000_000;

var testResults = Directory("artifacts/tests");
var packages = Directory("artifacts/packages");
var published = Directory("artifacts/linux-x64");

// What every build of this repository shares. The solution is built once; tests and programs run what that build left.
DotNetMSBuildSettings MSBuild() => new() { NoLogo = true };

void BuildOnly(string project, bool noRestore = false) => DotNetBuild(project, new DotNetBuildSettings
{
    Configuration = Configuration,
    NoRestore = noRestore,
    Verbosity = DotNetVerbosity.Minimal,
    MSBuildSettings = MSBuild(),
});

void FormatSolution(bool verify) => DotNetFormat(Solution, new DotNetFormatSettings { NoRestore = true, VerifyNoChanges = verify });

Task("Restore")
    .Does(() => DotNetRestore(Solution, new DotNetRestoreSettings { Verbosity = DotNetVerbosity.Minimal, MSBuildSettings = MSBuild() }));

Task("Build")
    .IsDependentOn("Restore")
    .Does(() => BuildOnly(Solution, noRestore: true));

// Only what `gpucrypt` needs: no test or benchmark package is restored for a demo.
Task("Program")
    .Does(() => BuildOnly("src/Host/GpuCrypt.Host.csproj"));

Task("Benchmarks")
    .Does(() => BuildOnly("perf/GpuCrypt.Perf.csproj"));

Task("Format")
    .IsDependentOn("Restore")
    .Does(() => FormatSolution(verify: false));

Task("Format-Check")
    .IsDependentOn("Restore")
    .Does(() => FormatSolution(verify: true));

Task("Test")
    .IsDependentOn("Build")
    .IsDependentOn("Format-Check")
    .Does(() =>
{
    CleanDirectory(testResults);
    var extra = (EnvironmentVariable("TEST_ARGUMENTS") ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries);
    int passed = 0, failed = 0, skipped = 0;
    // One project after the other: two cores, and some tests measure time. A failing project does not keep the next from running.
    foreach (FilePath project in GetFiles("tests/*/*.csproj").OrderBy(file => file.FullPath, StringComparer.Ordinal))
    {
        string name = project.GetFilenameWithoutExtension().ToString();
        int exitCode = StartProcess("dotnet", new ProcessSettings
        {
            Arguments = extra.Aggregate(
                new ProcessArgumentBuilder()
                    .Append("test").AppendQuoted(project.FullPath)
                    .Append("--configuration").Append(Configuration)
                    .Append("--no-build --nologo")
                    .Append("--logger").AppendQuoted($"trx;LogFileName={name}.trx")
                    .Append("--logger").AppendQuoted("console;verbosity=minimal")
                    // A test that hangs is ended and named; without this the whole run waits for it.
                    .Append("--blame-hang --blame-hang-dump-type none --blame-hang-timeout 5m")
                    .Append("--results-directory").AppendQuoted(MakeAbsolute(testResults).FullPath),
                (arguments, argument) => arguments.AppendQuoted(argument)),
        });

        XElement counters = null;
        FilePath results = testResults + File($"{name}.trx");
        if (FileExists(results))
        {
            counters = XDocument.Load(results.FullPath).Descendants().First(element => element.Name.LocalName == "Counters");
        }

        int Count(string outcome) => int.Parse(counters?.Attribute(outcome)?.Value ?? "0", CultureInfo.InvariantCulture);
        int failedHere = Count("failed") + Count("error") + Count("timeout") + Count("aborted");
        if (Count("executed") == 0)
        {
            Warning("{0}: no test ran", name);
        }

        if (exitCode != 0 && failedHere == 0)
        {
            Error("{0}: dotnet test ended with exit code {1} though no test failed; counted as one failure", name, exitCode);
            failedHere = 1;
        }

        passed += Count("passed");
        failed += failedHere;
        skipped += Count("total") - Count("executed");
    }

    // build.sh prints it as the last line of all.
    System.IO.File.WriteAllText(
        (testResults + File("summary.txt")).Path.FullPath,
        $"{passed} passed, {failed} failed{(skipped > 0 ? $", {skipped} skipped" : "")}\n");
    if (failed > 0 || passed == 0)
    {
        throw new CakeException(passed + failed == 0 ? "No test ran." : $"{failed} tests failed.");
    }
});

Task("Publish")
    .Does(() =>
{
    CleanDirectory(published);
    DotNetPublish("src/Host/GpuCrypt.Host.csproj", new DotNetPublishSettings
    {
        Configuration = Configuration,
        OutputDirectory = published,
        Verbosity = DotNetVerbosity.Minimal,
        MSBuildSettings = MSBuild().WithProperty("PublishProfile", "linux-x64"),
    });

    FilePath[] files = GetFiles("artifacts/linux-x64/**/*").ToArray();
    if (files.Length != 1 || files[0].GetFilename().ToString() != "gpucrypt")
    {
        throw new CakeException($"{published}: expected the one file gpucrypt, found {string.Join(", ", files.Select(file => file.GetFilename()))}.");
    }

    long size = FileSize(files[0]);
    if (size > PublishedSizeLimit)
    {
        throw new CakeException($"{files[0]}: expected at most {PublishedSizeLimit} bytes, found {size}.");
    }

    // It must start where no .NET is found, neither on the path nor by the variables that point to one.
    int exitCode = StartProcess("env", $"-i PATH=/nonexistent DOTNET_ROOT=/nonexistent HOME=/tmp {files[0]} --version");
    if (exitCode != 0)
    {
        throw new CakeException($"{files[0]} --version: expected exit code 0, found {exitCode}.");
    }

    Console.WriteLine($"{files[0]}: {size / 1e6:F1} MB");
});

Task("Pack")
    .Does(() =>
{
    CleanDirectory(packages);
    DotNetPack("src/Kernels/GpuCrypt.Kernels.csproj", new DotNetPackSettings
    {
        Configuration = Configuration,
        OutputDirectory = packages,
        Verbosity = DotNetVerbosity.Minimal,
        MSBuildSettings = MSBuild(),
    });
    foreach (FilePath package in GetFiles("artifacts/packages/*"))
    {
        Console.WriteLine($"{package}: {FileSize(package) / 1e3:F1} kB");
    }
});

RunTarget(Argument("target", "Build"));
