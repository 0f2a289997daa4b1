namespace Lookup.Functions.Cosmos.Documents;

/// <summary>The path of a property in a document: <c>/email</c>, <c>/contact/phone</c>.</summary>
internal sealed class JsonPath
{
    /// <summary>What a path must look like, to follow «it must be».</summary>
    public const string Rule = "a path such as /email or /contact/phone: names after slashes, without quotes, brackets and wildcards";

    private JsonPath(string text, string[] names)
    {
        Text = text;
        Names = names;
    }

    /// <summary>The path as it was configured.</summary>
    public string Text { get; }

    public IReadOnlyList<string> Names { get; }

    /// <summary>The property's own name, the last of the path.</summary>
    public string Name => Names[^1];

    /// <summary>The path in a query, quoted name by name: <c>c["contact"]["phone"]</c>.</summary>
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
