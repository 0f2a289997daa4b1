using System.Security.Cryptography;
using System.Text;

namespace Lookup.Functions.Operations.Dashboard;

/// <summary>The dashboard as one page that needs nothing else, and the policy that lets it run nothing else.</summary>
internal sealed class DashboardPage
{
    /// <summary>In the order in which they build on each other.</summary>
    private static readonly string[] Scripts = ["format.js", "history.js", "state.js", "chart.js", "page.js"];

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

    /// <summary>The page, in UTF-8.</summary>
    public ReadOnlyMemory<byte> Html { get; }

    /// <summary>
    /// The value of <c>Content-Security-Policy</c>: this script and these styles by their hashes (CSP3 §2.3.1), requests to where
    /// the page came from, and nothing else. Texts cannot become markup.
    /// </summary>
    public string Policy { get; }

    /// <summary>
    /// Browsers hash what they have parsed, in which every line ends with a line feed alone: so do the parts, on whatever system
    /// they were written.
    /// </summary>
    private static string Read(string name)
    {
        var type = typeof(DashboardPage);
        using var stream = type.Assembly.GetManifestResourceStream(type, name)
            ?? throw new InvalidOperationException($"{name} is not in the assembly.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }

    private static string HashOf(string text) => $"sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}";
}
