using System.Text;
using System.Text.Json;
using Lookup.Domain.Caching;
using Lookup.Domain.Users;

namespace Lookup.Domain.Tests;

internal static class Answers
{
    /// <summary>The version in the document; −1 where there is no such user.</summary>
    public static int Version(this in LookupResult answer) => answer.Document is { } user ? user.Version() : -1;

    public static int Version(this UserDocument user)
    {
        using var json = JsonDocument.Parse(Encoding.UTF8.GetString(user.Body.Span));
        return json.RootElement.GetProperty("version").GetInt32();
    }
}
