using System.Text;
using System.Text.Unicode;

namespace Lookup.Functions.Http;

/// <summary>Undoes percent-encoding (RFC 3986 §2.1) once and strictly: what is not proper UTF-8 in proper escapes is nothing.</summary>
internal static class PercentDecoder
{
    private const int LongestOnStack = 1024;

    /// <param name="encoded">A part of a request target.</param>
    /// <param name="plusIsSpace">Whether a plus stands for a space, as it does in a query (HTML forms), but not in a path.</param>
    /// <param name="decoded">What it means.</param>
    public static bool TryDecode(ReadOnlySpan<char> encoded, bool plusIsSpace, out string decoded)
    {
        decoded = "";
        if (encoded.IsEmpty)
            return true;

        var bytes = encoded.Length <= LongestOnStack ? stackalloc byte[encoded.Length] : new byte[encoded.Length];
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
                return false; // not a character of a URI: who sent it may have meant any encoding
            }
        }

        // Overlong forms and encoded surrogates are no UTF-8 either.
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
