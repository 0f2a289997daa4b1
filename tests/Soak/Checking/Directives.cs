using System.Globalization;

namespace Lookup.Soak.Checking;

/// <summary>The freshness directives of a request, and the staleness that they allow, as docs/http-api.md defines them.</summary>
internal sealed record Directives(string Text)
{
    public static readonly Directives None = new("");
    public static readonly Directives NoCacheOnly = new("no-cache") { NoCache = true };
    public static readonly Directives NoStoreOnly = new("no-store");
    public static readonly Directives MaxAgeZero = new("max-age=0") { MaxAge = TimeSpan.Zero };
    public static readonly Directives MaxAgeOne = new("max-age=1") { MaxAge = TimeSpan.FromSeconds(1) };
    public static readonly Directives CachedOnly = new("only-if-cached") { OnlyIfCached = true };
    public static readonly Directives AnyStale = new("max-stale") { MaxStale = TimeSpan.MaxValue };

    public bool NoCache { get; init; }

    public TimeSpan? MaxAge { get; init; }

    public TimeSpan? MinFresh { get; init; }

    public TimeSpan? MaxStale { get; init; }

    public TimeSpan? StaleIfError { get; init; }

    public bool OnlyIfCached { get; init; }

    public static Directives StaleBy(int seconds) =>
        new(string.Create(CultureInfo.InvariantCulture, $"max-stale={seconds}")) { MaxStale = TimeSpan.FromSeconds(seconds) };

    public static Directives StaleOnError(int seconds) =>
        new(string.Create(CultureInfo.InvariantCulture, $"stale-if-error={seconds}")) { StaleIfError = TimeSpan.FromSeconds(seconds) };

    public static Directives FreshFor(int seconds) =>
        new(string.Create(CultureInfo.InvariantCulture, $"min-fresh={seconds}")) { MinFresh = TimeSpan.FromSeconds(seconds) };

    /// <summary>Returns the maximum age of a response that is not marked as stale.</summary>
    public TimeSpan Freshness(TimeSpan promise, bool isInsteadOfError)
    {
        if (isInsteadOfError)
            return promise;
        if (NoCache)
            return TimeSpan.Zero;
        var bound = MaxAge < promise ? MaxAge.Value : promise;
        return MinFresh is not { } more ? bound : bound < promise - more ? bound : promise > more ? promise - more : TimeSpan.Zero;
    }
}
