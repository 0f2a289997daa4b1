using System.Buffers.Text;

namespace Lookup.Soak.Checking;

/// <summary>Finds users in bodies by their first bytes; no JSON is parsed.</summary>
internal static class BodyScan
{
    private static ReadOnlySpan<byte> Opening => "{\"id\":\"u"u8;

    private static ReadOnlySpan<byte> Middle => "\",\"v\":"u8;

    private static ReadOnlySpan<byte> Address => ",\"email\":\"m"u8;

    /// <summary>Takes the next user from a body, and advances past it.</summary>
    public static bool TryTakeUser(ref ReadOnlySpan<byte> body, out int user, out int version, out int address)
    {
        user = version = address = -1;
        var at = body.IndexOf(Opening);
        if (at < 0)
            return false;
        body = body[(at + Opening.Length)..];
        if (!TryTakeNumber(ref body, out user) || !TryTake(ref body, Middle) || !TryTakeNumber(ref body, out version))
            return false;
        return TryTake(ref body, Address) && TryTakeNumber(ref body, out address);
    }

    /// <summary>Returns the part of a list response that names the missing ids.</summary>
    public static ReadOnlySpan<byte> MissingOf(ReadOnlySpan<byte> body)
    {
        var at = body.LastIndexOf("\"missing\":["u8);
        return at < 0 ? default : body[(at + 11)..];
    }

    public static bool TryTakeMissing(ref ReadOnlySpan<byte> missing, out int user)
    {
        user = -1;
        var at = missing.IndexOf("\"u"u8);
        if (at < 0)
            return false;
        missing = missing[(at + 2)..];
        return TryTakeNumber(ref missing, out user);
    }

    private static bool TryTake(ref ReadOnlySpan<byte> body, ReadOnlySpan<byte> expected)
    {
        if (!body.StartsWith(expected))
            return false;
        body = body[expected.Length..];
        return true;
    }

    private static bool TryTakeNumber(ref ReadOnlySpan<byte> body, out int number)
    {
        if (!Utf8Parser.TryParse(body, out number, out var length))
            return false;
        body = body[length..];
        return true;
    }
}
