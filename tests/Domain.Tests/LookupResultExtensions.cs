using System.Text;
using System.Text.Json;
using Lookup.Domain.Caching;
using Lookup.Domain.Users;

namespace Lookup.Domain.Tests;

internal static class LookupResultExtensions
{
    /// <summary>Returns the version in the document, or −1 if the user does not exist.</summary>
    public static int Version(this in LookupResult result) => result.Document is { } user ? user.Version() : -1;

    public static int Version(this UserDocument user)
    {
        using var json = JsonDocument.Parse(Encoding.UTF8.GetString(user.Body.Span));
        return json.RootElement.GetProperty("version").GetInt32();
    }
}
