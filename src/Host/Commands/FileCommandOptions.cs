using System.CommandLine;
using GpuCrypt.Host.Keyrings;
using GpuCrypt.Ingest.Files;
using GpuCrypt.Ingest.Formats;
using GpuCrypt.Kernels.Devices;

namespace GpuCrypt.Host.Commands;

/// <summary>The arguments and options that <c>encrypt</c> and <c>decrypt</c> share.</summary>
internal sealed class FileCommandOptions
{
    private static readonly JsonFormatOptions DefaultFields = new();

    private readonly Argument<string> _input = new("IN") { Description = "The file to read: .npy, .fvecs or .jsonl." };
    private readonly Argument<string> _output = new("OUT") { Description = "The file to write, of the same kind. It has its name only when it is whole." };
    private readonly Option<string> _secretPath = new("--secret-path")
    {
        Description = "The keyring's secret path.",
        HelpName = "NAME",
        DefaultValueFactory = _ => SecretPath.DefaultName,
    };

    private readonly Option<string?> _tenant = new("--tenant") { Description = "The tenant of rows that name none.", HelpName = "TENANT" };
    private readonly Option<string?> _derivationPath = new("--derivation-path") { Description = "The derivation path of rows that name none.", HelpName = "PATH" };
    private readonly Option<string> _device = new("--device") { Description = "The device: auto, or a name from gpucrypt devices.", HelpName = "NAME", DefaultValueFactory = _ => DeviceCatalog.Auto };
    private readonly Option<int> _threads = new("--threads") { Description = "Worker threads of a CPU device; 0 for one a core.", HelpName = "N" };
    private readonly Option<string> _idField = Field("--id-field", "the record's id", DefaultFields.IdField);
    private readonly Option<bool> _noId = new("--no-id") { Description = ".jsonl: records have no ids." };
    private readonly Option<string> _vectorField = Field("--vector-field", "the vector", DefaultFields.VectorField);
    private readonly Option<string> _metadataField = Field("--metadata-field", "the metadata of a ciphertext", DefaultFields.MetadataField);
    private readonly Option<string> _tenantField = Field("--tenant-field", "the tenant", null);
    private readonly Option<string> _derivationPathField = Field("--derivation-path-field", "the derivation path", null);
    private readonly Option<bool> _force = new("--force", "-f") { Description = "Replace OUT and the files beside it." };
    private readonly Option<bool> _json = new("--json") { Description = "Write the result as one JSON object." };

    /// <summary>Creates the options of a command.</summary>
    public FileCommandOptions(string verb)
    {
        Verb = verb;
        _secretPath.Validators.Add(KeysCommand.CheckPath);
        _threads.Require(value => value is >= 0 and <= 1024, "is a number from 0 to 1024");
    }

    /// <summary><c>encrypt</c> or <c>decrypt</c>.</summary>
    public string Verb { get; }

    /// <summary>The options of the keyring.</summary>
    public KeyringOptions Keyring { get; } = new();

    /// <summary>Adds everything to a command.</summary>
    public void AddTo(Command command)
    {
        command.Arguments.Add(_input);
        command.Arguments.Add(_output);
        Keyring.AddTo(command);
        foreach (Option option in (Option[])[_secretPath, _tenant, _derivationPath, _device, _threads, .. JsonOptions, _force, _json])
            command.Options.Add(option);
    }

    /// <summary>What the command line says.</summary>
    /// <exception cref="CommandFailedException">It does not fit together, or not to the files.</exception>
    public FileCommandArguments Read(ParseResult result)
    {
        string input = result.GetValue(_input)!, output = result.GetValue(_output)!;
        bool force = result.GetValue(_force);
        VectorFileKind kind;
        try
        {
            kind = VectorFile.Check(input, output, force);
        }
        catch (VectorFileException exception)
        {
            throw new CommandFailedException(exception.Message, ExitCodes.Usage, exception);
        }

        JsonFormatOptions fields = ReadFields(result, kind);
        string? tenant = result.GetValue(_tenant), derivationPath = result.GetValue(_derivationPath);
        if (string.IsNullOrEmpty(tenant) && fields.TenantField is null)
            throw CommandFailedException.Usage($"No tenant: name it with --tenant{(kind == VectorFileKind.JsonLines ? ", or the field that holds it with --tenant-field" : "")}.");
        if (string.IsNullOrEmpty(derivationPath) && fields.DerivationPathField is null)
            throw CommandFailedException.Usage($"No derivation path: name it with --derivation-path{(kind == VectorFileKind.JsonLines ? ", or the field that holds it with --derivation-path-field" : "")}.");
        return new FileCommandArguments(
            input, output, kind, fields, force, result.GetValue(_secretPath)!, tenant, derivationPath, result.GetValue(_device)!, result.GetValue(_threads), result.GetValue(_json));
    }

    private Option[] JsonOptions => [_idField, _noId, _vectorField, _metadataField, _tenantField, _derivationPathField];

    private static Option<string> Field(string name, string what, string? value)
    {
        var option = new Option<string>(name) { Description = $".jsonl: the field with {what}.", HelpName = "FIELD" };
        if (value is not null)
            option.DefaultValueFactory = _ => value;
        return option;
    }

    private JsonFormatOptions ReadFields(ParseResult result, VectorFileKind kind)
    {
        if (kind != VectorFileKind.JsonLines && Array.Find(JsonOptions, option => result.GetResult(option) is { Implicit: false }) is { } given)
            throw CommandFailedException.Usage($"{given.Name} is for .jsonl files alone.");
        bool noId = result.GetValue(_noId);
        if (noId && result.GetResult(_idField) is { Implicit: false })
            throw CommandFailedException.Usage("Give one of --id-field and --no-id, not both.");
        var fields = new JsonFormatOptions
        {
            IdField = noId ? null : result.GetValue(_idField),
            VectorField = result.GetValue(_vectorField)!,
            MetadataField = result.GetValue(_metadataField)!,
            TenantField = result.GetValue(_tenantField),
            DerivationPathField = result.GetValue(_derivationPathField),
        };
        try
        {
            fields.Validate();
        }
        catch (ArgumentException exception)
        {
            throw new CommandFailedException(exception.Message, ExitCodes.Usage, exception);
        }

        return fields;
    }
}

/// <summary>What a command line of <c>encrypt</c> or <c>decrypt</c> says.</summary>
internal sealed record FileCommandArguments(
    string Input,
    string Output,
    VectorFileKind Kind,
    JsonFormatOptions Fields,
    bool Force,
    string SecretPath,
    string? Tenant,
    string? DerivationPath,
    string Device,
    int Threads,
    bool Json);
