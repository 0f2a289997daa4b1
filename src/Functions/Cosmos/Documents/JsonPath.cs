namespace Lookup.Functions.Cosmos.Documents;

/// <summary>The path of a property in a document, such as <c>/email</c> or <c>/contact/phone</c>.</summary>
internal sealed class JsonPath
{
    /// <summary>The description of a valid path, phrased to follow "it must be".</summary>
    public const string Rule =
        "a path such as /email or /contact/phone: each name follows a slash and contains no quotes, brackets or wildcards";

    /// <summary>The description of a valid path in a list, phrased to follow "it must be".</summary>
    public const string SingleRule =
        "one path such as /contact/phone: names without commas, semicolons, bars, tildes and blanks, none of them a number (a path applies to each element of an array)";

    private JsonPath(string text, string[] names)
    {
        Text = text;
        Names = names;
    }

    /// <summary>Gets the path as configured.</summary>
    public string Text { get; }

    public IReadOnlyList<string> Names { get; }

    /// <summary>Gets the name of the property itself, which is the last name of the path.</summary>
    public string Name => Names[^1];

    /// <summary>Gets the path for a query, in which each name is quoted: <c>c["contact"]["phone"]</c>.</summary>
    public string InQuery => string.Concat(Names.Select(name => $"[\"{name}\"]").Prepend("c"));

    /// <summary>
    /// Gets a value that says that the path cannot be meant as several paths (<c>/a,/b</c>), as an element of an array (<c>/phones/0</c>) or as a
    /// JSON pointer with an escape (RFC 6901 §3).
    /// </summary>
    public bool IsSingle => !Names.Any(name => name.Any(c => char.IsWhiteSpace(c) || c is ',' or ';' or '|' or '~') || name.All(char.IsAsciiDigit));

    public static bool TryParse(string text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out JsonPath? path)
    {
        path = null;
        if (!text.StartsWith('/'))
            return false;

        var names = text[1..].Split('/');
        if (names.Length > 16 || names.Any(name => name.Length == 0 || name.Any(IsForbidden)))
            return false;

        path = new JsonPath(text, names);
        return true;
    }

    public override string ToString() => Text;

    private static bool IsForbidden(char c) => char.IsControl(c) || char.IsSurrogate(c) || c is '"' or '\'' or '\\' or '[' or ']' or '*' or '?';
}
