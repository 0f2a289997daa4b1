using System.Globalization;
using System.Text.RegularExpressions;

namespace Lookup.Functions.Settings;

/// <summary>The settings under <c>Lookup__</c>, read one by one. The error message for an invalid setting contains the valid values.</summary>
internal sealed partial class SettingsSection(IConfiguration configuration)
{
    private const string Prefix = "Lookup";

    private readonly IConfigurationSection _section = configuration.GetSection(Prefix);
    private readonly HashSet<string> _read = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Gets the configured settings that were never read.</summary>
    public IReadOnlyList<string> Unknown =>
        [
            .. _section.GetChildren().Select(child => child.Key).Where(key => !_read.Contains(key)).Select(NameOf),
            .. BesideThePrefix().Where(found => found.Meant is not null).Select(found => found.Name),
        ];

    /// <summary>Rejects a configured name that was never read if it resembles one that was.</summary>
    /// <exception cref="LookupSettingsException">A name is misspelled.</exception>
    public void RejectMisspelled()
    {
        foreach (var child in _section.GetChildren())
        {
            if (!_read.Contains(child.Key) && MeantBy(child.Key) is { } meant)
                throw Misspelled(NameOf(child.Key), meant);
        }

        if (BesideThePrefix().FirstOrDefault(found => found.IsCertain) is { Meant: { } setting } beside)
            throw Misspelled(beside.Name, setting);
    }

    private static LookupSettingsException Misspelled(string name, string meant) =>
        new($"{name} is not a setting of this service; did you mean {NameOf(meant)}?");

    /// <summary>
    /// Returns the setting that an unknown name resembles. A hidden field that is configured under an unknown name would be shown, so every
    /// name that begins with "hid" is taken for that list.
    /// </summary>
    private string? MeantBy(string key) =>
        Spelling.Nearest(key, _read) ?? (key.StartsWith("hid", StringComparison.OrdinalIgnoreCase) ? "HiddenFields" : null);

    /// <summary>
    /// Finds names that do not begin with the prefix, but almost: <c>Lokup__HiddenFields__0</c>, <c>Lookup_HiddenFields__0</c>. Those that can be
    /// nothing else are certain. Others, such as <c>LOOKUP_HIDDEN_FIELDS</c> of azd, may belong to another program.
    /// </summary>
    private IEnumerable<(string Name, string? Meant, bool IsCertain)> BesideThePrefix()
    {
        foreach (var child in configuration.GetChildren())
        {
            if (child.Key.Equals(Prefix, StringComparison.OrdinalIgnoreCase))
                continue;

            if (Spelling.Nearest(child.Key, [Prefix]) is not null)
            {
                foreach (var setting in child.GetChildren())
                {
                    if (MeantBy(setting.Key) is { } meant)
                        yield return ($"{child.Key}__{setting.Key}", meant, true);
                }
            }
            else if (Spelling.Nearest(child.Key, _read.Select(NameOf)) is { } name)
            {
                var meant = name[(Prefix.Length + 2)..];
                var isCertain = child.GetChildren().Any() || child.Key.EndsWith(meant, StringComparison.Ordinal);
                yield return (child.Key, meant, isCertain);
            }
        }
    }

    public static string NameOf(string key) => $"Lookup__{key}";

    public string Text(string key, string fallback) => Find(key) ?? fallback;

    public TimeSpan Duration(string key, TimeSpan fallback)
    {
        if (Find(key) is not { } text)
            return fallback;

        // The runtime parses "5" as five days, which is never intended.
        if (DurationForm().IsMatch(text) && TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out var duration))
            return duration;

        throw Invalid(key, text, "a duration written hh:mm:ss, such as 00:00:05 or 00:00:00.250");
    }

    public long Size(string key, long fallback)
    {
        if (Find(key) is not { } text)
            return fallback;

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            ? size
            : throw Invalid(key, text, "a number of bytes in digits, such as 268435456");
    }

    public int Count(string key, int fallback, int from, int to, string whatToIs = "")
    {
        if (Find(key) is not { } text)
            return fallback;

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count >= from && count <= to
            ? count
            : throw Invalid(key, text, string.Create(CultureInfo.InvariantCulture, $"a number from {from} to {to}{whatToIs}"));
    }

    public bool Flag(string key, bool fallback)
    {
        if (Find(key) is not { } text)
            return fallback;

        return bool.TryParse(text, out var flag) ? flag : throw Invalid(key, text, "true or false");
    }

    /// <summary>The smallest number that is not 0: with a smaller one, times to wait would be longer than any process lives.</summary>
    private const double MinNumber = 0.001;

    /// <summary>A number from <see cref="MinNumber"/> to <paramref name="max"/>, or 0.</summary>
    public double Number(string key, double fallback, double max)
    {
        if (Find(key) is not { } text)
            return fallback;

        return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number <= max && number is 0 or (>= MinNumber)
            ? number
            : throw Invalid(key, text, string.Create(CultureInfo.InvariantCulture, $"0 or a number from {MinNumber} to {max}, such as 0.5"));
    }

    public T Choice<T>(string key, T fallback)
        where T : struct, Enum
    {
        if (Find(key) is not { } text)
            return fallback;

        foreach (var value in Enum.GetValues<T>())
        {
            if (string.Equals(value.ToString(), text, StringComparison.OrdinalIgnoreCase))
                return value;
        }

        throw Invalid(key, text, string.Join(" or ", Enum.GetNames<T>()));
    }

    /// <summary>
    /// Reads the values of <c>key__0</c>, <c>key__1</c>, …, without the blanks around them. Empty values are skipped, so a single empty
    /// value means an empty list.
    /// </summary>
    public IReadOnlyList<string> List(string key, IReadOnlyList<string> fallback)
    {
        _read.Add(key);
        var section = _section.GetSection(key);
        if (!section.Exists())
            return fallback;

        if (!string.IsNullOrEmpty(section.Value))
            throw new LookupSettingsException($"{NameOf(key)} is a list; give its values as {NameOf(key)}__0, {NameOf(key)}__1 and so on.");

        // Only names are quoted: a value may be a key.
        if (section.GetChildren().FirstOrDefault(child => child.GetChildren().Any()) is { } nested)
        {
            throw new LookupSettingsException(
                $"{NameOf(key)}__{nested.Key} has values of its own, such as {NameOf(key)}__{nested.Key}__{nested.GetChildren().First().Key};"
                + $" give each value as {NameOf(key)}__0, {NameOf(key)}__1 and so on.");
        }

        return [.. section.GetChildren().Select(child => child.Value?.Trim()).OfType<string>().Where(value => value.Length > 0)];
    }

    public static LookupSettingsException Invalid(string key, string value, string allowed) =>
        new($"{NameOf(key)} is '{Shorten(value)}'; it must be {allowed}.");

    private static string Shorten(string value) => value.Length <= 100 ? value : string.Concat(value.AsSpan(0, 100), "…");

    private string? Find(string key)
    {
        _read.Add(key);
        if (_section.GetSection(key).GetChildren().FirstOrDefault() is { } nested)
            throw new LookupSettingsException($"{NameOf(key)}__{nested.Key} is not a setting of this service; {NameOf(key)} has one value, given by that name.");
        return _section[key] is { Length: > 0 } text ? text.Trim() : null;
    }

    [GeneratedRegex(@"^(\d{1,5}\.)?\d{1,2}:\d{1,2}:\d{1,2}(\.\d{1,7})?$", RegexOptions.CultureInvariant)]
    private static partial Regex DurationForm();
}
