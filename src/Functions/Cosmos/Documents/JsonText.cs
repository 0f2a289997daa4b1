using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Lookup.Functions.Cosmos.Documents;

/// <summary>
/// Access to names and strings that can contain an escaped unpaired surrogate, such as <c>"\ud800"</c>. JSON allows it (RFC 8259 §8.2) and
/// Cosmos DB stores it, but .NET cannot decode it: the reader's own methods throw an exception.
/// </summary>
internal static class JsonText
{
    private const int EscapeLength = 6; // \ud800

    /// <summary>Determines whether the name or the string at the reader can be decoded.</summary>
    public static bool IsDecodable(ref Utf8JsonReader reader) =>
        !reader.ValueIsEscaped || IndexOfUnpaired(reader.HasValueSequence ? reader.ValueSequence.ToArray() : reader.ValueSpan) < 0;

    /// <summary>Determines whether the name or the string at the reader is a given text. One that cannot be decoded is never equal to it.</summary>
    public static bool Is(ref Utf8JsonReader reader, ReadOnlySpan<byte> text) => IsDecodable(ref reader) && reader.ValueTextEquals(text);

    /// <summary>Gets the string at the reader, or <see langword="null"/> if it cannot be decoded.</summary>
    public static string? Get(ref Utf8JsonReader reader) => IsDecodable(ref reader) ? reader.GetString() : null;

    /// <summary>
    /// Decodes the string at the reader, which itself contains JSON. An escape that cannot be decoded is preserved, because it means the same in that JSON.
    /// </summary>
    public static ReadOnlyMemory<byte> DecodeJson(ref Utf8JsonReader reader)
    {
        if (IsDecodable(ref reader))
            return Decode(ref reader);

        ReadOnlySpan<byte> literal = reader.HasValueSequence ? reader.ValueSequence.ToArray() : reader.ValueSpan;
        var quoted = new ArrayBufferWriter<byte>(literal.Length + 2);
        quoted.Write("\""u8);
        for (int at; (at = IndexOfUnpaired(literal)) >= 0; literal = literal[(at + EscapeLength)..])
        {
            quoted.Write(literal[..at]);
            quoted.Write("\\"u8); // escapes the backslash of the escape
            quoted.Write(literal.Slice(at, EscapeLength));
        }

        quoted.Write(literal);
        quoted.Write("\""u8);
        var decodable = new Utf8JsonReader(quoted.WrittenSpan);
        decodable.Read();
        return Decode(ref decodable);
    }

    private static ReadOnlyMemory<byte> Decode(ref Utf8JsonReader reader)
    {
        var text = new byte[reader.HasValueSequence ? reader.ValueSequence.Length : reader.ValueSpan.Length];
        return text.AsMemory(0, reader.CopyString(text));
    }

    /// <summary>Finds the first escape of a surrogate that is not part of a pair.</summary>
    /// <param name="literal">A string that is valid JSON, without its quotes.</param>
    /// <returns>The index of its backslash, or a negative number if there is none.</returns>
    private static int IndexOfUnpaired(ReadOnlySpan<byte> literal)
    {
        for (var at = 0; literal[at..].IndexOf((byte)'\\') is var next and >= 0;)
        {
            at += next;
            if (CodeUnitAt(literal[at..]) is not { } unit)
                at += 2;
            else if (!char.IsSurrogate(unit))
                at += EscapeLength;
            else if (char.IsHighSurrogate(unit) && CodeUnitAt(literal[(at + EscapeLength)..]) is { } low && char.IsLowSurrogate(low))
                at += 2 * EscapeLength;
            else
                return at;
        }

        return -1;
    }

    /// <summary>Gets the code unit of an escape <c>\u…</c> at the beginning of a text, or <see langword="null"/> if there is none.</summary>
    private static char? CodeUnitAt(ReadOnlySpan<byte> text) =>
        text.StartsWith("\\u"u8) && ushort.TryParse(text.Slice(2, EscapeLength - 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit)
            ? (char)unit
            : null;
}
