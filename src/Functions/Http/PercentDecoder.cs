using System.Text;
using System.Text.Unicode;

namespace Lookup.Functions.Http;

/// <summary>
/// The strict decoder of percent-encoding (RFC 3986 §2.1). It decodes once, and accepts only valid UTF-8 in valid escapes.
/// </summary>
internal static class PercentDecoder
{
    private const int MaxStackBytes = 1024;

    /// <summary>Decodes a text.</summary>
    /// <param name="encoded">A part of a request target.</param>
    /// <param name="plusIsSpace">
    /// <see langword="true"/> if a plus sign stands for a space, as it does in a query (HTML forms) but not in a path.
    /// </param>
    /// <param name="decoded">The decoded text.</param>
    /// <returns><see langword="false"/> if the text is not valid UTF-8 in percent-encoding.</returns>
    public static bool TryDecode(ReadOnlySpan<char> encoded, bool plusIsSpace, out string decoded)
    {
        decoded = "";
        if (encoded.IsEmpty)
            return true;

        var bytes = encoded.Length <= MaxStackBytes ? stackalloc byte[encoded.Length] : new byte[encoded.Length];
        var length = 0;
        for (var i = 0; i < encoded.Length; i++)
        {
            var c = encoded[i];
            if (c == '%')
            {
                if (i + 2 >= encoded.Length || !TryHex(encoded[i + 1], encoded[i + 2], out bytes[length++]))
                    return false;
                i += 2;
            }
            else if (c is > ' ' and <= '~')
            {
                bytes[length++] = plusIsSpace && c == '+' ? (byte)' ' : (byte)c;
            }
            else
            {
                return false; // not a URI character, so its encoding is unknown
            }
        }

        // Overlong forms and encoded surrogates are not valid UTF-8 either.
        if (!Utf8.IsValid(bytes[..length]))
            return false;

        decoded = Encoding.UTF8.GetString(bytes[..length]);
        return true;
    }

    private static bool TryHex(char high, char low, out byte value)
    {
        value = 0;
        if (!char.IsAsciiHexDigit(high) || !char.IsAsciiHexDigit(low))
            return false;

        value = (byte)((Digit(high) << 4) | Digit(low));
        return true;
    }

    private static int Digit(char hex) => char.IsAsciiDigit(hex) ? hex - '0' : (hex | 0x20) - 'a' + 10;
}
