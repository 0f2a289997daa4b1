using System.ComponentModel;
using Lookup.Domain.Users;

namespace Lookup.Benchmarks.Cache.Contenders;

/// <summary>A cache that contains the users 0, 1, 2 and so on.</summary>
internal abstract class Contender : IAsyncDisposable
{
    /// <summary>Looks up users, all of which are cached.</summary>
    /// <returns>The total number of bytes of the users, so that every result is used.</returns>
    public abstract long Ask(ReadOnlySpan<UserKey> keys);

    public abstract ValueTask DisposeAsync();

    protected static InvalidOperationException Missed(UserKey key) => new($"{key} is not cached, but a hit was expected.");
}

/// <summary>The value that a program keeps in another cache: the response bytes and their entity tag.</summary>
/// <remarks>Marked immutable, so that HybridCache returns the object itself and does not serialize it as JSON.</remarks>
[ImmutableObject(true)]
public sealed record CachedUser(byte[] Body, string ETag);
