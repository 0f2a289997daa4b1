using System.Globalization;
using System.Text;

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

        var svg = new StringBuilder();
        void Line(FormattableString text) => svg.Append(text.ToString(CultureInfo.InvariantCulture)).Append('\n');
        Line($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" font-family=\"sans-serif\" font-size=\"13\">");
        Line($"<rect width=\"{Width}\" height=\"{Height}\" fill=\"white\"/>");
        Line($"<text x=\"{Left}\" y=\"26\" font-size=\"16\">{title}</text>");
        for (var power = left; power <= right; power++)
        {
            var x = X(Math.Pow(10, power));
            Line($"<line x1=\"{x:0.#}\" y1=\"{Top}\" x2=\"{x:0.#}\" y2=\"{Height - Bottom}\" stroke=\"#dddddd\"/>");
            Line($"<text x=\"{x:0.#}\" y=\"{Height - Bottom + 20}\" text-anchor=\"middle\">{Math.Pow(10, power):#,0.###}</text>");
        }

        for (var power = low; power <= high; power++)
        {
            var y = Y(Math.Pow(10, power));
            Line($"<line x1=\"{Left}\" y1=\"{y:0.#}\" x2=\"{Width - Right}\" y2=\"{y:0.#}\" stroke=\"#dddddd\"/>");
            Line($"<text x=\"{Left - 8}\" y=\"{y + 4:0.#}\" text-anchor=\"end\">{Math.Pow(10, power):#,0.###}</text>");
        }

        Line($"<text x=\"{(Left + Width - Right) / 2}\" y=\"{Height - 14}\" text-anchor=\"middle\">{xLabel}</text>");
        Line($"<text transform=\"translate(20 {(Top + Height - Bottom) / 2}) rotate(-90)\" text-anchor=\"middle\">{yLabel}</text>");
        for (var i = 0; i < _lines.Count; i++)
        {
            var (name, line) = _lines[i];
            var color = Colors[i % Colors.Length];
            var path = string.Join(' ', line.Select(p => string.Create(CultureInfo.InvariantCulture, $"{X(p.X):0.#},{Y(p.Y):0.#}")));
            Line($"<polyline points=\"{path}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"2\"/>");
            Line($"<line x1=\"{Width - Right + 14}\" y1=\"{Top + 16 + (i * 22)}\" x2=\"{Width - Right + 36}\" y2=\"{Top + 16 + (i * 22)}\" stroke=\"{color}\" stroke-width=\"2\"/>");
            Line($"<text x=\"{Width - Right + 42}\" y=\"{Top + 20 + (i * 22)}\">{name}</text>");
        }

        Line($"</svg>");
        return svg.ToString();
    }
}
