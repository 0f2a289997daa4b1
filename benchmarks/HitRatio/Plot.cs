using System.Globalization;
using Lookup.Support;

namespace Lookup.Benchmarks.HitRatio;

/// <summary>An SVG plot of hit ratios by size, with a panel for each trace and a line for each policy.</summary>
internal static class Plot
{
    private const int PanelWidth = 330;
    private const int PanelHeight = 330;
    private const int Margin = 50;
    private const int LegendWidth = 240;

    private static readonly string[] Colors = ["#b3541e", "#1b6ca8", "#d9a27f", "#2a9d5c", "#7b4fb5", "#555555"];

    public static string ToSvg(IReadOnlyList<TraceResult> results)
    {
        var svg = new SvgDrawing((PanelWidth * results.Count) + LegendWidth, PanelHeight + 10);
        for (var i = 0; i < results.Count; i++)
            DrawPanel(svg, results[i], i * PanelWidth);
        for (var policy = 0; policy < Policy.All.Count; policy++)
            svg.Legend(PanelWidth * results.Count, Margin + 16 + (policy * 22), Colors[policy], Policy.All[policy].Name);
        return svg.ToSvg();
    }

    private static void DrawPanel(SvgDrawing svg, TraceResult result, int left)
    {
        var ratios = result.Sizes.SelectMany((_, size) => Enumerable.Range(0, Policy.All.Count).Select(policy => result.HitRatio(size, policy))).ToArray();
        var low = Math.Floor(ratios.Min() * 20) / 20;
        var high = Math.Max(low + 0.05, Math.Ceiling(ratios.Max() * 20) / 20);
        var (first, last) = (Math.Log(result.Sizes.Min()), Math.Log(Math.Max(result.Sizes.Max(), result.Sizes.Min() + 1)));
        double X(int size) => left + Margin + ((Math.Log(size) - first) / (last - first) * (PanelWidth - Margin - 20));
        double Y(double ratio) => PanelHeight - Margin - ((ratio - low) / (high - low) * (PanelHeight - (2 * Margin)));

        svg.Title(left + Margin, 30, 15, $"{result.Trace.Name}: hit ratio");
        for (var line = 0; line <= 5; line++)
        {
            var ratio = low + ((high - low) * line / 5);
            svg.GridLine(X(result.Sizes.Min()), Y(ratio), X(result.Sizes.Max()), Y(ratio));
            svg.TextBefore(left + Margin - 6, Y(ratio) + 4, string.Create(CultureInfo.InvariantCulture, $"{ratio * 100:0} %"));
        }

        foreach (var size in result.Sizes)
            svg.TextAround(X(size), PanelHeight - Margin + 20, $"{size} %");
        svg.TextAround(left + (PanelWidth / 2), PanelHeight - 8, "of the users fit into the cache");
        for (var policy = 0; policy < Policy.All.Count; policy++)
        {
            svg.Series(
                result.Sizes.Index().OrderBy(size => size.Item).Select(size => (X(size.Item), Y(result.HitRatio(size.Index, policy)))), Colors[policy]);
        }
    }
}
