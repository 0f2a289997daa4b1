using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;

namespace Lookup.Host.Tests.Driver;

/// <summary>The settings that a function.json refers to as <c>%name%</c>, resolved as the Functions host resolves them.</summary>
/// <remarks>
/// The host looks the name up in its configuration. Environment variables are in there with <c>:</c> for each <c>__</c>, so a name
/// with <c>__</c> is never found.
/// </remarks>
internal static partial class BindingExpressions
{
    /// <summary>Gets the names between percent signs.</summary>
    public static IEnumerable<string> NamesIn(string text) => Expression().Matches(text).Select(match => match.Groups[1].Value);

    /// <exception cref="InvalidOperationException">A name is not set; the host then reports an error and the trigger never runs.</exception>
    public static string Resolve(string text, IEnumerable<(string Name, string Value)> environment)
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection(environment.Select(variable =>
            KeyValuePair.Create(variable.Name.Replace("__", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal), (string?)variable.Value))).Build();
        return Expression().Replace(text, match => settings[match.Groups[1].Value]
            ?? throw new InvalidOperationException($"'{match.Value}' does not resolve to a value."));
    }

    [GeneratedRegex("%([^%]+)%")]
    private static partial Regex Expression();
}
