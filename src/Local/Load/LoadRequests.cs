using System.Globalization;
using System.Text.Json.Nodes;

namespace Lookup.Local.Load;

/// <summary>Makes up what is asked: mostly users by id, some by e-mail, some in batches, some that do not exist.</summary>
internal sealed class LoadRequests(int users, Random random)
{
    private const int BatchSize = 20;
    private const double Batches = 0.03;
    private const double Finds = 0.02;
    private const double Unknown = 0.02;

    private readonly ZipfDistribution _popularity = new(users);
    private string? _email;

    /// <summary>The next lookup.</summary>
    public HttpRequestMessage NextLookup()
    {
        var kind = random.NextDouble();
        if (kind < Batches)
            return new HttpRequestMessage(HttpMethod.Post, Relative("/api/users/lookup")) { Content = JsonContent.Create(new { ids = NextBatch() }) };
        if (kind < Batches + Finds && _email is { } email)
            return Get($"/api/users?email={Uri.EscapeDataString(email)}");
        if (kind < Batches + Finds + Unknown)
            return Get($"/api/users/nobody{Text(random.Next(500))}");
        return Get($"/api/users/{NextUser()}");
    }

    /// <summary>The next change: somebody whom many look up has another job title, so that there is something to evict.</summary>
    public HttpRequestMessage NextChange() => new(HttpMethod.Put, Relative($"/local/users/{NextUser()}"))
    {
        Content = JsonContent.Create(new { jobTitle = $"Number {Text(random.Next(1_000_000))}" }),
    };

    /// <summary>Remembers whom to find by e-mail.</summary>
    public void Learn(string user) => _email = JsonNode.Parse(user)?["email"]?.GetValue<string>() ?? _email;

    private string NextUser() => $"u{Text(_popularity.RankAt(random.NextDouble()))}";

    private List<string> NextBatch() => [.. Enumerable.Range(0, BatchSize).Select(_ => NextUser())];

    private static HttpRequestMessage Get(string target) => new(HttpMethod.Get, Relative(target));

    private static Uri Relative(string target) => new(target, UriKind.Relative);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
