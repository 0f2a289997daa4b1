using System.Globalization;
using Lookup.Support;

namespace Lookup.Simulation.Scale;

/// <summary>A line chart with two logarithmic axes, as SVG.</summary>
internal sealed class Plot(string title, string xLabel, string yLabel)
{
    private const int Width = 775;
    private const int Height = 460;
    private const int Left = 90;
    private const int Right = 205;
    private const int Top = 50;
    private const int Bottom = 60;

    private static readonly string[] Colors = ["#555555", "#b3541e", "#1b6ca8", "#2a9d5c", "#7b4fb5"];

    private readonly List<(string Name, List<(double X, double Y)> Points)> _lines = [];

    public void Add(string name, List<(double X, double Y)> points) => _lines.Add((name, points));

    public string ToSvg()
    {
        var points = _lines.SelectMany(line => line.Points).ToArray();
        var (left, right) = (Math.Floor(Math.Log10(points.Min(p => p.X))), Math.Ceiling(Math.Log10(points.Max(p => p.X))));
        var (low, high) = (Math.Floor(Math.Log10(points.Min(p => p.Y))), Math.Ceiling(Math.Log10(points.Max(p => p.Y))));
        double X(double x) => Left + ((Math.Log10(x) - left) / (right - left) * (Width - Left - Right));
        double Y(double y) => Height - Bottom - ((Math.Log10(y) - low) / (high - low) * (Height - Top - Bottom));

        var svg = new SvgDrawing(Width, Height);
        svg.Title(Left, 26, 16, title);
        for (var power = left; power <= right; power++)
        {
            var x = X(Math.Pow(10, power));
            svg.GridLine(x, Top, x, Height - Bottom);
            svg.TextAround(x, Height - Bottom + 20, PowerOfTen(power));
        }

        for (var power = low; power <= high; power++)
        {
            var y = Y(Math.Pow(10, power));
            svg.GridLine(Left, y, Width - Right, y);
            svg.TextBefore(Left - 8, y + 4, PowerOfTen(power));
        }

        svg.TextAround((Left + Width - Right) / 2, Height - 14, xLabel);
        svg.TextUp(20, (Top + Height - Bottom) / 2, yLabel);
        for (var i = 0; i < _lines.Count; i++)
        {
            var (name, line) = _lines[i];
            var color = Colors[i % Colors.Length];
            svg.Series(line.Select(p => (X(p.X), Y(p.Y))), color);
            svg.Legend(Width - Right + 14, Top + 16 + (i * 22), color, name);
        }

        return svg.ToSvg();
    }

    private static string PowerOfTen(double power) => Math.Pow(10, power).ToString("#,0.###", CultureInfo.InvariantCulture);
}
