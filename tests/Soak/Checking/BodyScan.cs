using System.Buffers.Text;

namespace Lookup.Soak.Checking;

/// <summary>Finds users in bodies by the names of their properties, which can be in any order; no JSON is parsed. Users contain no braces.</summary>
internal static class BodyScan
{
    private static ReadOnlySpan<byte> Id => "\"id\":\"u"u8;

    private static ReadOnlySpan<byte> Version => "\"v\":"u8;

    private static ReadOnlySpan<byte> Address => "\"email\":\"m"u8;

    /// <summary>Takes the next user from a body, and advances past it.</summary>
    public static bool TryTakeUser(ref ReadOnlySpan<byte> body, out int user, out int version, out int address)
    {
        user = version = address = -1;
        var at = body.IndexOf(Id);
        var length = at < 0 ? -1 : body[at..].IndexOf((byte)'}');
        if (length < 0)
            return false;
        var properties = body[(body[..at].LastIndexOf((byte)'{') + 1)..(at + length)];
        body = body[(at + length)..];
        return TryFindNumber(properties, Id, out user) && TryFindNumber(properties, Version, out version) && TryFindNumber(properties, Address, out address);
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

    private static bool TryFindNumber(ReadOnlySpan<byte> properties, ReadOnlySpan<byte> before, out int number)
    {
        number = -1;
        var at = properties.IndexOf(before);
        return at >= 0 && Utf8Parser.TryParse(properties[(at + before.Length)..], out number, out int _);
    }

    private static bool TryTakeNumber(ref ReadOnlySpan<byte> body, out int number)
    {
        if (!Utf8Parser.TryParse(body, out number, out var length))
            return false;
        body = body[length..];
        return true;
    }
}
