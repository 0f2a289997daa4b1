using System.Globalization;
using System.Text.RegularExpressions;

namespace Lookup.Functions.Settings;

/// <summary>Reads the settings under <c>Lookup__</c> one by one, and says of a wrong one what would be right.</summary>
internal sealed partial class SettingsSection(IConfiguration configuration)
{
    private readonly IConfigurationSection _section = configuration.GetSection("Lookup");
    private readonly HashSet<string> _asked = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Settings that are given and that nothing has asked for.</summary>
    public IReadOnlyList<string> Unknown =>
        [.. _section.GetChildren().Select(child => child.Key).Where(key => !_asked.Contains(key)).Select(NameOf)];

    /// <summary>Refuses a name that nothing has asked for if it is close to one that something has.</summary>
    /// <exception cref="LookupSettingsException">A name is misspelled.</exception>
    public void RefuseMisspelled()
    {
        foreach (var child in _section.GetChildren())
        {
            if (!_asked.Contains(child.Key) && Spelling.Nearest(child.Key, _asked) is { } meant)
                throw new LookupSettingsException($"{NameOf(child.Key)} is not a setting of this service; did you mean {NameOf(meant)}?");
        }
    }

    public static string NameOf(string key) => $"Lookup__{key}";

    public string Text(string key, string fallback) => Given(key) ?? fallback;

    public TimeSpan Duration(string key, TimeSpan fallback)
    {
        if (Given(key) is not { } text)
            return fallback;

        // The runtime reads «5» as five days. Nobody means that.
        if (DurationForm().IsMatch(text) && TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out var duration))
            return duration;

        throw Wrong(key, text, "a duration written hh:mm:ss, such as 00:00:05 or 00:00:00.250");
    }

    public long Size(string key, long fallback)
    {
        if (Given(key) is not { } text)
            return fallback;

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            ? size
            : throw Wrong(key, text, "a number of bytes in digits, such as 268435456");
    }

    public int Count(string key, int fallback, int from, int to)
    {
        if (Given(key) is not { } text)
            return fallback;

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count >= from && count <= to
            ? count
            : throw Wrong(key, text, string.Create(CultureInfo.InvariantCulture, $"a number from {from} to {to}"));
    }

    public bool Flag(string key, bool fallback)
    {
        if (Given(key) is not { } text)
            return fallback;

        return bool.TryParse(text, out var flag) ? flag : throw Wrong(key, text, "true or false");
    }

    /// <summary>A number from 0 to <paramref name="most"/>.</summary>
    public double Number(string key, double fallback, double most)
    {
        if (Given(key) is not { } text)
            return fallback;

        return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number <= most
            ? number
            : throw Wrong(key, text, string.Create(CultureInfo.InvariantCulture, $"a number from 0 to {most}, such as 0.5"));
    }

    public T Choice<T>(string key, T fallback)
        where T : struct, Enum
    {
        if (Given(key) is not { } text)
            return fallback;

        foreach (var value in Enum.GetValues<T>())
        {
            if (string.Equals(value.ToString(), text, StringComparison.OrdinalIgnoreCase))
                return value;
        }

        throw Wrong(key, text, string.Join(" or ", Enum.GetNames<T>()));
    }

    /// <summary>
    /// The values of <c>key__0</c>, <c>key__1</c>, …, without blanks around them; empty ones are left out, so that one empty value
    /// means none.
    /// </summary>
    public IReadOnlyList<string> List(string key, IReadOnlyList<string> fallback)
    {
        _asked.Add(key);
        var section = _section.GetSection(key);
        if (!section.Exists())
            return fallback;

        if (!string.IsNullOrEmpty(section.Value))
            throw new LookupSettingsException($"{NameOf(key)} is a list; give its values as {NameOf(key)}__0, {NameOf(key)}__1 and so on.");

        return [.. section.GetChildren().Select(child => child.Value?.Trim()).OfType<string>().Where(value => value.Length > 0)];
    }

    public static LookupSettingsException Wrong(string key, string value, string allowed) =>
        new($"{NameOf(key)} is '{Shorten(value)}'; it must be {allowed}.");

    private static string Shorten(string value) => value.Length <= 100 ? value : string.Concat(value.AsSpan(0, 100), "…");

    private string? Given(string key)
    {
        _asked.Add(key);
        return _section[key] is { Length: > 0 } text ? text.Trim() : null;
    }

    [GeneratedRegex(@"^(\d{1,5}\.)?\d{1,2}:\d{1,2}:\d{1,2}(\.\d{1,7})?$", RegexOptions.CultureInvariant)]
    private static partial Regex DurationForm();
}
