using System.CommandLine;
using System.CommandLine.Parsing;

namespace GpuCrypt.Host.Commands;

/// <summary>What an option's value must be, said in one line when it is not.</summary>
internal static class OptionRule
{
    /// <summary>Refuses values for which <paramref name="holds"/> is false, and those that cannot be read.</summary>
    /// <param name="option">The option.</param>
    /// <param name="holds">Whether a value is right.</param>
    /// <param name="rule">The rest of the sentence that begins with the option's name: <c>is a number from 1 to 9</c>.</param>
    public static void Require<T>(this Option<T> option, Predicate<T> holds, string rule) => option.Validators.Add(result =>
    {
        if (!TryRead(result, out T? value) || !holds(value!))
            result.AddError($"{option.Name} {rule}.");
    });

    private static bool TryRead<T>(OptionResult result, out T? value)
    {
        value = default;
        try
        {
            value = result.GetValueOrDefault<T>();
            return true;
        }
        catch (InvalidOperationException)
        {
            // The library's word for text that is no number.
            return false;
        }
    }
}
