using System.Globalization;
using System.Text.Json.Nodes;

namespace Lookup.Local.Load;

/// <summary>The requests of the load: mostly users by id, and some by e-mail, in batches, or with ids that do not exist.</summary>
internal sealed class LoadRequests(int users, Random random)
{
    private const int BatchSize = 20;
    private const double Batches = 0.03;
    private const double Finds = 0.02;
    private const double Unknown = 0.02;

    private readonly ZipfDistribution _popularity = new(users);
    private string? _email;

    /// <summary>Creates the next lookup.</summary>
    public HttpRequestMessage NextLookup()
    {
        var kind = random.NextDouble();
        if (kind < Batches)
            return new HttpRequestMessage(HttpMethod.Post, Relative("/api/users/lookup")) { Content = JsonContent.Create(new { ids = NextBatch() }) };
        if (kind < Batches + Finds && _email is { } email)
            return Get($"/api/users?email={Uri.EscapeDataString(email)}");
        if (kind < Batches + Finds + Unknown)
            return Get($"/api/users/unknown{Text(random.Next(500))}");
        return Get($"/api/users/{NextUser()}");
    }

    /// <summary>Creates the next change: a new job title, mostly for popular users, so that cached users are evicted.</summary>
    public HttpRequestMessage NextChange() => new(HttpMethod.Put, Relative($"/local/users/{NextUser()}"))
    {
        Content = JsonContent.Create(new { jobTitle = $"Number {Text(random.Next(1_000_000))}" }),
    };

    /// <summary>Remembers the e-mail address of a user, for lookups by e-mail.</summary>
    public void Learn(string user) => _email = JsonNode.Parse(user)?["email"]?.GetValue<string>() ?? _email;

    private string NextUser() => $"u{Text(_popularity.RankAt(random.NextDouble()))}";

    private List<string> NextBatch() => [.. Enumerable.Range(0, BatchSize).Select(_ => NextUser())];

    private static HttpRequestMessage Get(string target) => new(HttpMethod.Get, Relative(target));

    private static Uri Relative(string target) => new(target, UriKind.Relative);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
