using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text;
using GpuCrypt.Host.Keyrings;

namespace GpuCrypt.Host.Commands;

/// <summary><c>gpucrypt keys</c>: makes keyrings and looks after them.</summary>
internal static class KeysCommand
{
    public static Command Create() => new("keys", "Make keyrings and look after them. No command here ever prints a secret.")
    {
        KeysNewCommand.Create(),
        KeysListCommand.Create(),
        KeysRotateCommand.Create(),
        KeysRetireCommand.Create(),
        KeysSealCommand.CreateSeal(),
        KeysSealCommand.CreateUnseal(),
        KeysCheckCommand.Create(),
    };

    /// <summary><c>--path</c>, checked.</summary>
    public static Option<string> PathOption()
    {
        var option = new Option<string>("--path")
        {
            Description = "The secret path.",
            HelpName = "NAME",
            DefaultValueFactory = _ => SecretPath.DefaultName,
        };
        option.Validators.Add(CheckPath);
        return option;
    }

    /// <summary><c>--id</c>, checked.</summary>
    public static Option<uint?> IdOption(string description, bool required = false) => new("--id")
    {
        Description = description,
        HelpName = "N",
        Required = required,
        CustomParser = result =>
        {
            if (uint.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out uint id) && id > 0)
                return id;
            result.AddError($"--id is a whole number from 1 to {uint.MaxValue}.");
            return null;
        },
    };

    /// <summary>Refuses a name that no secret path can have.</summary>
    public static void CheckPath(OptionResult result)
    {
        if (!SecretPath.IsName(Encoding.UTF8.GetBytes(result.GetValueOrDefault<string>() ?? "")))
            result.AddError($"A secret path's name is {SecretPath.NameRule}.");
    }
}
