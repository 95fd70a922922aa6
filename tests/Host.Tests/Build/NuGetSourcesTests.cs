using System.Runtime.Versioning;

namespace GpuCrypt.Host.Tests.Build;

[SupportedOSPlatform("linux")]
public sealed class NuGetSourcesTests : IDisposable
{
    private readonly BuildScriptRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void What_the_sources_lack_is_left_out_said_in_one_line_and_asked_once()
    {
        (string, string)[] lacking = [("RESTORE_STATUS", "1"), ("RESTORE_OUTPUT", "error NU1101: Unable to find package")];

        BuildScriptRig.Result result = _rig.Run("build", answerGiven: false, environment: lacking);

        Assert.Equal(0, result.ExitCode);
        Assert.Contains(
            "GpuCrypt: CPU device; Confluent.Kafka 1.9.3 on the system's librdkafka1 (librdkafka.redist is not offered); no ILGPU device (ILGPU is not offered)\n",
            result.Error,
            StringComparison.Ordinal);
        Assert.Matches("<KafkaRedist [^>]*>false</", _rig.KeptAnswer);
        Assert.Matches("<Ilgpu [^>]*>false</", _rig.KeptAnswer);

        int asked = Restores();
        Assert.Contains("librdkafka.redist is not offered", _rig.Run("build", answerGiven: false, environment: lacking).Error, StringComparison.Ordinal);
        Assert.Equal(asked, Restores());

        _rig.Run("--refresh-sources build", answerGiven: false, environment: lacking);
        Assert.Equal(2 * asked, Restores());
    }

    [Fact]
    public void What_the_sources_hold_is_built_in_except_for_a_device_that_does_not_exist_yet()
    {
        BuildScriptRig.Result result = _rig.Run("build", answerGiven: false);

        Assert.Matches(@"Confluent\.Kafka 2\.[0-9.]+ with its own librdkafka \(librdkafka\.redist is offered\); ILGPU is offered, but this version has no ILGPU device yet\n", result.Error);
        Assert.Matches("<KafkaRedist [^>]*>true</", _rig.KeptAnswer);
        Assert.Matches("<Ilgpu [^>]*>true</", _rig.KeptAnswer);
    }

    [Fact]
    public void Sources_that_do_not_answer_are_said_so_and_nothing_is_kept()
    {
        BuildScriptRig.Result result = _rig.Run(
            "build",
            answerGiven: false,
            environment: [("RESTORE_STATUS", "1"), ("RESTORE_OUTPUT", "error NU1301: Unable to load the service index")]);

        Assert.Contains("could not be asked about librdkafka.redist: error NU1301", result.Error, StringComparison.Ordinal);
        Assert.Contains("the next run asks again", result.Error, StringComparison.Ordinal);
        Assert.Null(_rig.KeptAnswer);
    }

    [Fact]
    public void A_change_of_the_package_versions_has_the_sources_asked_again()
    {
        _rig.Run("build", answerGiven: false);
        int asked = Restores();

        File.SetLastWriteTimeUtc(Path.Combine(_rig.Root, "Directory.Packages.props"), DateTime.UtcNow.AddMinutes(1));
        _rig.Run("build", answerGiven: false);

        Assert.Equal(2 * asked, Restores());
    }

    [Fact]
    public void An_answer_given_by_hand_is_not_asked_for_and_said_as_such()
    {
        BuildScriptRig.Result result = _rig.Run("build");

        Assert.Contains("(KafkaRedist=false was given)", result.Error, StringComparison.Ordinal);
        Assert.Equal(0, Restores());
        Assert.Null(_rig.KeptAnswer);
    }

    private int Restores() => _rig.Calls.Count(call => call.StartsWith("dotnet restore", StringComparison.Ordinal));
}
