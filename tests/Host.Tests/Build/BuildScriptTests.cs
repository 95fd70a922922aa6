using System.Runtime.Versioning;

namespace GpuCrypt.Host.Tests.Build;

[SupportedOSPlatform("linux")]
public sealed class BuildScriptTests : IDisposable
{
    private static readonly string[] _targets = ["demo", "test", "build", "format", "bench", "publish", "pack"];
    private readonly BuildScriptRig _rig = new();

    public static TheoryData<string> Targets => [.. _targets];

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Unknown_target_exits_2_names_the_known_ones_and_starts_nothing()
    {
        BuildScriptRig.Result result = _rig.Run("deploy");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("unknown target 'deploy'", result.Error, StringComparison.Ordinal);
        Assert.All(_targets, target => Assert.Contains(target, result.Error, StringComparison.Ordinal));
        Assert.Empty(_rig.Calls);
    }

    [Theory]
    [InlineData("--fast")]
    [InlineData("-p:KafkaRedist=perhaps")]
    [InlineData("build --json")]
    [InlineData("publish somewhere")]
    public void Arguments_that_mean_nothing_are_refused_with_exit_code_2(string arguments)
    {
        BuildScriptRig.Result result = _rig.Run(arguments);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains(arguments.Split(' ')[^1], result.Error, StringComparison.Ordinal);
        Assert.Empty(_rig.Calls);
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void Help_explains_every_target_and_every_target_is_known(string target)
    {
        Assert.Matches($"(?m)^  {target} +[A-Z]", _rig.Run("--help").Output);

        _rig.InstallLibrdkafka();
        Assert.DoesNotContain("unknown target", _rig.Run(target).Error, StringComparison.Ordinal);
        Assert.Contains(_rig.Calls, call => call.StartsWith("dotnet cake", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("bench", "floor")]
    [InlineData("bench --filter Normals", "--filter Normals")]
    public void Bench_compares_with_OpenSSL_unless_told_otherwise(string arguments, string passed)
    {
        _rig.InstallLibrdkafka();

        Assert.Equal(0, _rig.Run(arguments).ExitCode);
        Assert.Contains(_rig.Calls, call => call.EndsWith($"GpuCrypt.Perf.dll {passed}", StringComparison.Ordinal));
    }

    [Fact]
    public void Bench_asks_for_openssl_where_it_is_missing()
    {
        _rig.InstallLibrdkafka();
        _rig.Remove("openssl");
        _rig.BecomeUser(1000);

        BuildScriptRig.Result result = _rig.Run("bench");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("openssl", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_dotnet_it_says_what_to_install_and_exits_2()
    {
        _rig.Remove("dotnet");

        BuildScriptRig.Result result = _rig.Run("build");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains(".NET 10 SDK", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_sdk_too_old_is_named_with_what_was_expected_and_exits_2()
    {
        BuildScriptRig.Result result = _rig.Run("build", environment: ("SDK_STATUS", "145"));

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("expected the .NET 10 SDK", result.Error, StringComparison.Ordinal);
        Assert.Contains("found 8.0.100", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_package_is_named_and_nothing_runs_when_neither_root_nor_sudo_is_to_be_had()
    {
        _rig.BecomeUser(1000);

        BuildScriptRig.Result result = _rig.Run("demo");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("install these Debian packages, or what brings the same: librdkafka1", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(_rig.Calls, call => call.StartsWith("apt-get", StringComparison.Ordinal) || call.StartsWith("dotnet cake", StringComparison.Ordinal));
    }

    [Fact]
    public void A_missing_package_is_named_where_there_is_no_apt()
    {
        _rig.Remove("apt-get");

        BuildScriptRig.Result result = _rig.Run("demo");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("librdkafka1", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_package_is_named_when_apt_cannot_install_it()
    {
        _rig.BecomeUser(0);

        BuildScriptRig.Result result = _rig.Run("demo", environment: ("APT_BROKEN", "1"));

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("librdkafka1", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(_rig.Calls, call => call.StartsWith("dotnet cake", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1000, true)]
    public void A_missing_package_is_installed_after_an_update_through_sudo_only_when_not_root(int user, bool throughSudo)
    {
        _rig.BecomeUser(user);
        _rig.StandIn("sudo", "[ \"$1\" = -n ] && shift; exec \"$@\"");

        BuildScriptRig.Result result = _rig.Run("demo");

        Assert.Equal(0, result.ExitCode);
        string[] apt = [.. _rig.Calls.Where(call => call.StartsWith("apt-get", StringComparison.Ordinal))];
        Assert.Equal(2, apt.Length);
        Assert.EndsWith(" update", apt[0], StringComparison.Ordinal);
        Assert.EndsWith(" install -y --no-install-recommends librdkafka1", apt[1], StringComparison.Ordinal);
        Assert.Equal(throughSudo, _rig.Calls.Any(call => call.StartsWith("sudo", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("build")]
    [InlineData("format")]
    [InlineData("publish")]
    [InlineData("pack")]
    public void A_target_that_starts_no_kafka_client_installs_nothing(string target)
    {
        _rig.BecomeUser(0);

        Assert.Equal(0, _rig.Run(target).ExitCode);
        Assert.DoesNotContain(_rig.Calls, call => call.StartsWith("apt-get", StringComparison.Ordinal));
    }

    [Fact]
    public void With_its_own_librdkafka_the_program_needs_no_package()
    {
        _rig.BecomeUser(1000);

        Assert.Equal(0, _rig.Run("-p:KafkaRedist=true -p:Ilgpu=false demo", answerGiven: false).ExitCode);
        Assert.DoesNotContain(_rig.Calls, call => call.StartsWith("dotnet restore", StringComparison.Ordinal));
    }

    [Fact]
    public void Demo_hands_arguments_exit_code_and_standard_output_to_the_program_alone()
    {
        _rig.InstallLibrdkafka();

        BuildScriptRig.Result result = _rig.Run("demo --json --records 5", environment: ("PROGRAM_STATUS", "3"));

        Assert.Equal(3, result.ExitCode);
        Assert.Equal("program output\n", result.Output);
        Assert.EndsWith("gpucrypt.dll demo --json --records 5", _rig.Calls[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Demo_does_not_start_the_program_when_the_build_failed()
    {
        _rig.InstallLibrdkafka();

        Assert.NotEqual(0, _rig.Run("demo", environment: ("CAKE_STATUS", "1")).ExitCode);
        Assert.DoesNotContain(_rig.Calls, call => call.Contains(".dll", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("12 passed, 0 failed", 0)]
    [InlineData("11 passed, 1 failed, 2 skipped", 1)]
    public void Test_prints_the_sum_last_and_keeps_the_exit_code(string summary, int status)
    {
        _rig.InstallLibrdkafka();
        _rig.BecomeUser(0);

        BuildScriptRig.Result result = _rig.Run("test", environment: [("SUMMARY", summary), ("CAKE_STATUS", $"{status}")]);

        Assert.Equal(status, result.ExitCode);
        Assert.EndsWith($"\n{summary}\n", result.Output, StringComparison.Ordinal);
    }
}
