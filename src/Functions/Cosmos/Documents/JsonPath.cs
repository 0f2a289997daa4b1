namespace Lookup.Functions.Cosmos.Documents;

/// <summary>The path of a property in a document, such as <c>/email</c> or <c>/contact/phone</c>.</summary>
internal sealed class JsonPath
{
    /// <summary>The description of a valid path, phrased to follow "it must be".</summary>
    public const string Rule =
        "a path such as /email or /contact/phone: each name follows a slash and contains no quotes, brackets or wildcards";

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
