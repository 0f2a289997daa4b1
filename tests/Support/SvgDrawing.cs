using System.Globalization;
using System.Text;

namespace Lookup.Support;

/// <summary>An SVG file of text and lines on white, written piece by piece.</summary>
public sealed class SvgDrawing
{
    private readonly StringBuilder _text = new();

    public SvgDrawing(int width, int height)
    {
        Add($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"13\">");
        Add($"<rect width=\"{width}\" height=\"{height}\" fill=\"white\"/>");
    }

    public void Title(double x, double y, int size, string text) => Add($"<text x=\"{x:0.#}\" y=\"{y:0.#}\" font-size=\"{size}\">{text}</text>");

    /// <summary>Writes text that ends at a place.</summary>
    public void TextBefore(double x, double y, string text) => Add($"<text x=\"{x:0.#}\" y=\"{y:0.#}\" text-anchor=\"end\">{text}</text>");

    /// <summary>Writes text around a place.</summary>
    public void TextAround(double x, double y, string text) => Add($"<text x=\"{x:0.#}\" y=\"{y:0.#}\" text-anchor=\"middle\">{text}</text>");

    /// <summary>Writes text around a place, from bottom to top.</summary>
    public void TextUp(double x, double y, string text) =>
        Add($"<text transform=\"translate({x:0.#} {y:0.#}) rotate(-90)\" text-anchor=\"middle\">{text}</text>");

    public void GridLine(double fromX, double fromY, double toX, double toY) =>
        Add($"<line x1=\"{fromX:0.#}\" y1=\"{fromY:0.#}\" x2=\"{toX:0.#}\" y2=\"{toY:0.#}\" stroke=\"#dddddd\"/>");

    /// <summary>Draws the line of a series of points.</summary>
    public void Series(IEnumerable<(double X, double Y)> points, string color)
    {
        var path = string.Join(' ', points.Select(point => string.Create(CultureInfo.InvariantCulture, $"{point.X:0.#},{point.Y:0.#}")));
        Add($"<polyline points=\"{path}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"2\"/>");
    }

    /// <summary>Writes the name of a series of points beside a piece of its line.</summary>
    public void Legend(double x, double y, string color, string name)
    {
        Add($"<line x1=\"{x:0.#}\" y1=\"{y:0.#}\" x2=\"{x + 22:0.#}\" y2=\"{y:0.#}\" stroke=\"{color}\" stroke-width=\"2\"/>");
        Add($"<text x=\"{x + 28:0.#}\" y=\"{y + 4:0.#}\">{name}</text>");
    }

    /// <summary>Returns the whole file.</summary>
    public string ToSvg() => $"{_text}</svg>\n";

    private void Add(FormattableString text) => _text.Append(text.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
