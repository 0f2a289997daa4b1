using System.Globalization;
using System.Text;

namespace Lookup.Benchmarks.HitRatio;

/// <summary>Draws hit ratios over sizes as SVG: a panel for each trace, a line for each policy.</summary>
internal static class Plot
{
    private const int PanelWidth = 330;
    private const int PanelHeight = 330;
    private const int Margin = 50;
    private const int LegendWidth = 240;

    private static readonly string[] Colours = ["#b3541e", "#1b6ca8", "#d9a27f", "#2a9d5c", "#7b4fb5", "#555555"];

    public static string ToSvg(IReadOnlyList<TraceResult> results)
    {
        var svg = new StringBuilder();
        var (width, height) = ((PanelWidth * results.Count) + LegendWidth, PanelHeight + 10);
        Add(svg, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"13\">");
        Add(svg, $"<rect width=\"{width}\" height=\"{height}\" fill=\"white\"/>");
        for (var i = 0; i < results.Count; i++)
            DrawPanel(svg, results[i], i * PanelWidth);
        for (var policy = 0; policy < Policy.All.Count; policy++)
        {
            var (x, y) = (PanelWidth * results.Count, Margin + 16 + (policy * 22));
            Add(svg, $"<line x1=\"{x}\" y1=\"{y}\" x2=\"{x + 22}\" y2=\"{y}\" stroke=\"{Colours[policy]}\" stroke-width=\"2\"/>");
            Add(svg, $"<text x=\"{x + 28}\" y=\"{y + 4}\">{Policy.All[policy].Name}</text>");
        }

        Add(svg, $"</svg>");
        return svg.ToString();
    }

    private static void DrawPanel(StringBuilder svg, TraceResult result, int left)
    {
        var ratios = result.Sizes.SelectMany((_, size) => Enumerable.Range(0, Policy.All.Count).Select(policy => result.HitRatio(size, policy))).ToArray();
        var low = Math.Floor(ratios.Min() * 20) / 20;
        var high = Math.Max(low + 0.05, Math.Ceiling(ratios.Max() * 20) / 20);
        var (first, last) = (Math.Log(result.Sizes.Min()), Math.Log(Math.Max(result.Sizes.Max(), result.Sizes.Min() + 1)));
        double X(int size) => left + Margin + ((Math.Log(size) - first) / (last - first) * (PanelWidth - Margin - 20));
        double Y(double ratio) => PanelHeight - Margin - ((ratio - low) / (high - low) * (PanelHeight - (2 * Margin)));

        Add(svg, $"<text x=\"{left + Margin}\" y=\"30\" font-size=\"15\">{result.Trace.Name}: hit ratio</text>");
        for (var line = 0; line <= 5; line++)
        {
            var ratio = low + ((high - low) * line / 5);
            Add(svg, $"<line x1=\"{X(result.Sizes.Min()):0.#}\" y1=\"{Y(ratio):0.#}\" x2=\"{X(result.Sizes.Max()):0.#}\" y2=\"{Y(ratio):0.#}\" stroke=\"#dddddd\"/>");
            Add(svg, $"<text x=\"{left + Margin - 6}\" y=\"{Y(ratio) + 4:0.#}\" text-anchor=\"end\">{ratio * 100:0} %</text>");
        }

        foreach (var size in result.Sizes)
            Add(svg, $"<text x=\"{X(size):0.#}\" y=\"{PanelHeight - Margin + 20}\" text-anchor=\"middle\">{size} %</text>");
        Add(svg, $"<text x=\"{left + (PanelWidth / 2)}\" y=\"{PanelHeight - 8}\" text-anchor=\"middle\">of the users fit into memory</text>");
        for (var policy = 0; policy < Policy.All.Count; policy++)
        {
            var points = result.Sizes.Index().OrderBy(size => size.Item).Select(size => Text($"{X(size.Item):0.#},{Y(result.HitRatio(size.Index, policy)):0.#}"));
            Add(svg, $"<polyline points=\"{string.Join(' ', points)}\" fill=\"none\" stroke=\"{Colours[policy]}\" stroke-width=\"2\"/>");
        }
    }

    private static void Add(StringBuilder svg, FormattableString text) => svg.Append(Text(text)).Append('\n');

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
