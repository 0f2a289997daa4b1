using System.Buffers;
using System.Globalization;

namespace Lookup.Emulator;

/// <summary>
/// The replacement of escaped unpaired surrogates, such as <c>"\ud800"</c>, by text that .NET can decode, and back. JSON permits them (RFC 8259
/// §8.2), and Cosmos DB stores them and returns them as escapes.
/// </summary>
/// <remarks>
/// The replacement is the noncharacter U+FDD0, which no text contains, followed by the four digits. Inside the endpoint, equal strings are
/// therefore equal, and different ones are different.
/// </remarks>
internal static class UnpairedSurrogates
{
    private const char StandIn = '\ufdd0';
    private const int DigitCount = 4;
    private const int EscapeLength = 2 + DigitCount;

    /// <summary>Replaces the unpaired surrogates in JSON, which need not be valid.</summary>
    public static ReadOnlyMemory<byte> Replace(ReadOnlyMemory<byte> json) =>
        json.Span.IndexOf("\\u"u8) < 0 ? json : Rewrite(json, restores: false);

    /// <summary>Restores the unpaired surrogates in valid JSON, in which the replacement is escaped.</summary>
    public static ReadOnlyMemory<byte> Restore(ReadOnlyMemory<byte> json) =>
        json.Span.IndexOf("\\uFDD0"u8) < 0 && json.Span.IndexOf("\\ufdd0"u8) < 0 ? json : Rewrite(json, restores: true);

    private static ReadOnlyMemory<byte> Rewrite(ReadOnlyMemory<byte> json, bool restores)
    {
        var text = json.Span;
        var output = new ArrayBufferWriter<byte>(text.Length + EscapeLength);
        var copied = 0;
        for (var at = 0; text[at..].IndexOf((byte)'\\') is var next and >= 0;)
        {
            at += next;
            if (CodeUnitAt(text[at..]) is not { } unit)
            {
                at = Math.Min(at + 2, text.Length);
            }
            else if (restores && unit == StandIn && Digits(text[(at + EscapeLength)..]) is { } digits && char.IsSurrogate(digits))
            {
                output.Write(text[copied..(at + 2)]);
                copied = at += EscapeLength;
            }
            else if (!restores && char.IsHighSurrogate(unit) && CodeUnitAt(text[(at + EscapeLength)..]) is { } low && char.IsLowSurrogate(low))
            {
                at += 2 * EscapeLength;
            }
            else
            {
                if (!restores && char.IsSurrogate(unit))
                {
                    output.Write(text[copied..at]);
                    output.Write("\\ufdd0"u8);
                    copied = at + 2;
                }

                at += EscapeLength;
            }
        }

        output.Write(text[copied..]);
        return output.WrittenMemory;
    }

    /// <summary>Gets the code unit of an escape at the beginning of a text, or <see langword="null"/> if there is none.</summary>
    private static char? CodeUnitAt(ReadOnlySpan<byte> text) => text.StartsWith("\\u"u8) ? Digits(text[2..]) : null;

    private static char? Digits(ReadOnlySpan<byte> text) =>
        text.Length >= DigitCount && ushort.TryParse(text[..DigitCount], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit)
            ? (char)unit
            : null;
}
