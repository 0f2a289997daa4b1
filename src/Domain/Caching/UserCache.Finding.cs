using Lookup.Domain.Caching.Entries;
using Lookup.Domain.Caching.Flights;
using Lookup.Domain.Freshness;
using Lookup.Domain.Stores;
using Lookup.Domain.Users;

namespace Lookup.Domain.Caching;

// Lookups by alternate key. The cached hint lists the users; each user's own document decides whether it is returned.
public sealed partial class UserCache
{
    /// <summary>Finds the users that have an alternate key.</summary>
    /// <param name="key">The property and its value.</param>
    /// <param name="directives">The cache directives of the request.</param>
    /// <param name="cancellationToken">The cancellation token of the request.</param>
    /// <exception cref="UserStoreException">The store failed, and no cached result is allowed instead.</exception>
    public ValueTask<FindResult> FindAsync(AlternateKey key, ReadDirectives directives, CancellationToken cancellationToken) =>
        FindAsync(key, directives, null, cancellationToken);

    /// <summary>Finds the users that have an alternate key, for a response that holds them.</summary>
    /// <param name="key">The property and its value.</param>
    /// <param name="directives">The cache directives of the request.</param>
    /// <param name="hold">
    /// A callback that receives the number of users before they are looked up, and takes the memory for them. It can be called several times;
    /// only the last number counts.
    /// </param>
    /// <param name="cancellationToken">The cancellation token of the request.</param>
    /// <exception cref="UserStoreException">The store failed, and no cached result is allowed instead.</exception>
    /// <remarks>
    /// The cached entry for an alternate key is only a hint: each user in it is looked up, and listed if its document still has the key. The
    /// change by which another user gains the key evicts the hint. If a user has lost the key, that is detected here, and the
    /// store is queried again.
    /// </remarks>
    public async ValueTask<FindResult> FindAsync(
        AlternateKey key,
        ReadDirectives directives,
        Func<int, ValueTask>? hold,
        CancellationToken cancellationToken)
    {
        var hintDirectives = directives;
        while (true)
        {
            var (hint, entry) = await GetHintAsync(key, hintDirectives, cancellationToken);
            if (entry?.Hint is not { } hinted)
                return new FindResult { Users = [], Summary = hint };

            var keys = hinted.Count > MaxFound ? hinted.Take(MaxFound).ToArray() : hinted;
            if (hold is not null)
                await hold(keys.Count);
            var results = new LookupResult[keys.Count];
            var leftOut = await GetManyAsync(keys, results, directives, cancellationToken);
            var users = new List<UserDocument>(results.Length);
            var summary = hint;
            foreach (var (i, result) in results.Index())
            {
                if (leftOut.Contains(i))
                    continue;

                summary = summary.JoinedWith(result);
                if (result.Document is { } user && user.Has(key))
                    users.Add(user);
            }

            // A hint that was read for this request is complete. A user in it that does not match has changed since that read.
            if (users.Count == results.Length - leftOut.Count || hint.Source != LookupSource.Hit || summary.Status == LookupStatus.NotCached)
                return Found(users, summary, isTruncated: hinted.Count > MaxFound || leftOut.Count > 0 || entry.IsHintTruncated);

            if (directives.OnlyIfCached)
                return new FindResult { Users = [], Summary = new LookupResult { Status = LookupStatus.NotCached } };

            hintDirectives = directives with { NoCache = true };
        }
    }

    private async ValueTask<(LookupResult Result, StampedEntry? Entry)> GetHintAsync(
        AlternateKey key,
        ReadDirectives directives,
        CancellationToken cancellationToken)
    {
        var began = _clock.Now;
        _freshness.NoteLookup(began);
        var target = LookupTarget.For(key);
        var entry = _memory.Use(target.CacheKey, began);
        return entry is not null && Permits(entry, began, directives, out var left)
            ? (Hit(entry, began, left), entry)
            : await ResolveAsync(target, entry, began, directives, cancellationToken);
    }

    private static FindResult Found(List<UserDocument> users, in LookupResult summary, bool isTruncated)
    {
        if (summary.Status == LookupStatus.NotCached)
            return new FindResult { Users = [], Summary = new LookupResult { Status = LookupStatus.NotCached } };

        return new FindResult { Users = users, Summary = summary with { Status = LookupStatus.Found, Document = null }, IsTruncated = isTruncated };
    }
}
