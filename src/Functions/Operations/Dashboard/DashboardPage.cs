using System.Security.Cryptography;
using System.Text;

namespace Lookup.Functions.Operations.Dashboard;

/// <summary>The dashboard as a single self-contained page, and its content security policy.</summary>
internal sealed class DashboardPage
{
    /// <summary>The scripts, in dependency order.</summary>
    private static readonly string[] Scripts = ["format.js", "history.js", "ranges.js", "state.js", "chart.js", "page.js"];

    public DashboardPage()
    {
        var styles = Read("page.css");
        var script = string.Concat(Scripts.Select(Read));
        var html = Read("page.html")
            .Replace("/*{styles}*/", styles, StringComparison.Ordinal)
            .Replace("/*{script}*/", script, StringComparison.Ordinal);
        Html = Encoding.UTF8.GetBytes(html);
        Policy = $"default-src 'none'; script-src '{HashOf(script)}'; style-src '{HashOf(styles)}'; connect-src 'self'; img-src data:;"
            + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
    }

    /// <summary>Gets the page, in UTF-8.</summary>
    public ReadOnlyMemory<byte> Html { get; }

    /// <summary>
    /// Gets the value of <c>Content-Security-Policy</c>. It allows the page's script and styles, identified by their hashes (CSP3 §2.3.1), and
    /// requests to the page's own origin. Strings cannot be assigned as markup (<c>require-trusted-types-for</c>).
    /// </summary>
    public string Policy { get; }

    /// <summary>
    /// Reads an embedded file with normalized line endings: browsers hash the parsed text, in which every line ends with a line feed,
    /// regardless of the system on which the file was written.
    /// </summary>
    private static string Read(string name)
    {
        var type = typeof(DashboardPage);
        using var stream = type.Assembly.GetManifestResourceStream(type, name)
            ?? throw new InvalidOperationException($"The resource '{name}' is not embedded in the assembly.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }

    private static string HashOf(string text) => $"sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}";
}
