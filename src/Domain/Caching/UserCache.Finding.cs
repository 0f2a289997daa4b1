using Lookup.Domain.Caching.Entries;
using Lookup.Domain.Caching.Flights;
using Lookup.Domain.Freshness;
using Lookup.Domain.Stores;
using Lookup.Domain.Users;

namespace Lookup.Domain.Caching;

// Users by an alternate key: a hint that names them, and the users themselves to prove it.
public sealed partial class UserCache
{
    /// <summary>Finds the users that have an alternate key.</summary>
    /// <param name="key">The property and its value.</param>
    /// <param name="directives">What the caller asks of the answer.</param>
    /// <param name="cancellationToken">The caller's.</param>
    /// <exception cref="UserStoreException">The store could not answer, and nothing in memory may stand in.</exception>
    /// <remarks>
    /// What memory holds for an alternate key is only a hint: each user it names is looked up, and listed if its document still says
    /// so. A user that has come to the key since evicts the hint; one that has left it is noticed here, and the store asked again.
    /// </remarks>
    public async ValueTask<FindResult> FindAsync(AlternateKey key, ReadDirectives directives, CancellationToken cancellationToken)
    {
        var hintDirectives = directives;
        while (true)
        {
            var (hint, entry) = await GetHintAsync(key, hintDirectives, cancellationToken);
            if (entry?.Hint is not { } named)
                return new FindResult { Users = [], Summary = hint };

            var answers = await GetManyAsync(named.Count > MaxFound ? named.Take(MaxFound).ToArray() : named, directives, cancellationToken);
            var users = new List<UserDocument>(answers.Count);
            var summary = hint;
            foreach (var answer in answers)
            {
                summary = summary.JoinedWith(answer);
                if (answer.Document is { } user && user.Has(key))
                    users.Add(user);
            }

            // A hint that was read for this request has proved itself: what does not match has changed in the meantime.
            if (users.Count == answers.Count || hint.Source != LookupSource.Hit || summary.Status == LookupStatus.NotCached)
                return Found(users, summary, isTruncated: named.Count > MaxFound);

            if (directives.OnlyIfCached)
                return new FindResult { Users = [], Summary = new LookupResult { Status = LookupStatus.NotCached } };

            hintDirectives = directives with { NoCache = true };
        }
    }

    private async ValueTask<(LookupResult Answer, StampedEntry? Entry)> GetHintAsync(
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
