using System.Globalization;
using System.Text.RegularExpressions;

namespace Lookup.Functions.Settings;

/// <summary>The settings under <c>Lookup__</c>, read one by one. The error message for an invalid setting contains the valid values.</summary>
internal sealed partial class SettingsSection(IConfiguration configuration)
{
    private readonly IConfigurationSection _section = configuration.GetSection("Lookup");
    private readonly HashSet<string> _read = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Gets the configured settings that were never read.</summary>
    public IReadOnlyList<string> Unknown =>
        [.. _section.GetChildren().Select(child => child.Key).Where(key => !_read.Contains(key)).Select(NameOf)];

    /// <summary>Rejects a configured name that was never read if it resembles one that was.</summary>
    /// <exception cref="LookupSettingsException">A name is misspelled.</exception>
    public void RejectMisspelled()
    {
        foreach (var child in _section.GetChildren())
        {
            if (!_read.Contains(child.Key) && Spelling.Nearest(child.Key, _read) is { } meant)
                throw new LookupSettingsException($"{NameOf(child.Key)} is not a setting of this service; did you mean {NameOf(meant)}?");
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

    public int Count(string key, int fallback, int from, int to)
    {
        if (Find(key) is not { } text)
            return fallback;

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count >= from && count <= to
            ? count
            : throw Invalid(key, text, string.Create(CultureInfo.InvariantCulture, $"a number from {from} to {to}"));
    }

    public bool Flag(string key, bool fallback)
    {
        if (Find(key) is not { } text)
            return fallback;

        return bool.TryParse(text, out var flag) ? flag : throw Invalid(key, text, "true or false");
    }

    /// <summary>Reads a number from 0 to <paramref name="max"/>.</summary>
    public double Number(string key, double fallback, double max)
    {
        if (Find(key) is not { } text)
            return fallback;

        return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number <= max
            ? number
            : throw Invalid(key, text, string.Create(CultureInfo.InvariantCulture, $"a number from 0 to {max}, such as 0.5"));
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

        return [.. section.GetChildren().Select(child => child.Value?.Trim()).OfType<string>().Where(value => value.Length > 0)];
    }

    public static LookupSettingsException Invalid(string key, string value, string allowed) =>
        new($"{NameOf(key)} is '{Shorten(value)}'; it must be {allowed}.");

    private static string Shorten(string value) => value.Length <= 100 ? value : string.Concat(value.AsSpan(0, 100), "…");

    private string? Find(string key)
    {
        _read.Add(key);
        return _section[key] is { Length: > 0 } text ? text.Trim() : null;
    }

    [GeneratedRegex(@"^(\d{1,5}\.)?\d{1,2}:\d{1,2}:\d{1,2}(\.\d{1,7})?$", RegexOptions.CultureInvariant)]
    private static partial Regex DurationForm();
}
