using System.ComponentModel;
using Lookup.Domain.Users;

namespace Lookup.Benchmarks.Cache.Contenders;

/// <summary>A cache that holds the users 0, 1, 2 and so on, and is asked for them.</summary>
internal abstract class Contender : IAsyncDisposable
{
    /// <summary>Asks for users, all of which the cache holds.</summary>
    /// <returns>How many bytes the users have, so that every answer was looked at.</returns>
    public abstract long Ask(ReadOnlySpan<UserKey> keys);

    public abstract ValueTask DisposeAsync();

    protected static InvalidOperationException Missed(UserKey key) => new($"{key} is not in memory: that was to be a hit.");
}

/// <summary>What a program keeps in another cache: the bytes to be sent and their entity tag.</summary>
/// <remarks>Marked immutable, so that HybridCache hands out the object itself and neither writes nor reads it as JSON.</remarks>
[ImmutableObject(true)]
public sealed record CachedUser(byte[] Body, string ETag);
