namespace GpuCrypt.Host.Tests;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("", "gpucrypt: Required command was not provided. See 'gpucrypt --help'.")]
    [InlineData("encipher", "gpucrypt: Unrecognized command or argument 'encipher'. See 'gpucrypt --help'.")]
    [InlineData("keys list --colour", "gpucrypt: Unrecognized command or argument '--colour'. See 'gpucrypt keys list --help'.")]
    [InlineData("keys retire", "gpucrypt: Option '--id' is required. See 'gpucrypt keys retire --help'.")]
    [InlineData("keys new --id 0", "gpucrypt: --id is a whole number from 1 to 4294967295. See 'gpucrypt keys new --help'.")]
    [InlineData("keys nosuch -x", "gpucrypt: Unrecognized command or argument 'nosuch'. Unrecognized command or argument '-x'. See 'gpucrypt keys --help'.")]
    [InlineData("keys new --id @file", "gpucrypt: --id is a whole number from 1 to 4294967295. See 'gpucrypt keys new --help'.")]
    [InlineData("keys list --json maybe", "gpucrypt: Unrecognized command or argument 'maybe'. See 'gpucrypt keys list --help'.")]
    public async Task A_wrong_command_line_is_one_line_and_exit_code_2(string arguments, string error)
    {
        GpuCryptResult result = await GpuCryptProcess.RunAsync(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal((ExitCodes.Usage, "", error + Environment.NewLine), (result.ExitCode, result.Output, result.Error));
    }

    [Fact]
    public async Task Help_and_version_are_answered()
    {
        GpuCryptResult help = await GpuCryptProcess.RunAsync(["--help"]);
        Assert.Equal((ExitCodes.Done, ""), (help.ExitCode, help.Error));
        Assert.Contains("keys", help.Output, StringComparison.Ordinal);
        GpuCryptResult version = await GpuCryptProcess.RunAsync(["--version"]);
        Assert.Equal(ExitCodes.Done, version.ExitCode);
        Assert.Matches(@"^\d+\.\d+\.\d+", version.Output);
    }

    [Fact]
    public async Task A_stack_trace_is_shown_only_where_it_is_asked_for()
    {
        string[] arguments = ["keys", "list", "--keyring", "/nonexistent/keys.json"];
        GpuCryptResult plain = await GpuCryptProcess.RunAsync(arguments);
        Assert.Equal((ExitCodes.Usage, "gpucrypt: /nonexistent/keys.json: there is no such folder.\n"), (plain.ExitCode, plain.Error));
        GpuCryptResult debug = await GpuCryptProcess.RunAsync(arguments, new Dictionary<string, string?> { ["GPUCRYPT_DEBUG"] = "1" });
        Assert.Equal(ExitCodes.Usage, debug.ExitCode);
        Assert.Contains("   at GpuCrypt.Host.Keyrings.", debug.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unforeseen_exception_is_one_line_and_exit_code_1()
    {
        var root = new System.CommandLine.RootCommand { new System.CommandLine.Command("fail") };
        root.Subcommands[0].SetAction(new Action<System.CommandLine.ParseResult>(_ => throw new InvalidOperationException("first\nsecond\n")));
        using var error = new StringWriter();
        Assert.Equal(ExitCodes.Failed, await CommandLine.RunAsync(root, ["fail"], TextWriter.Null, error));
        Assert.Equal("gpucrypt: first; second" + Environment.NewLine, error.ToString());
    }
}
