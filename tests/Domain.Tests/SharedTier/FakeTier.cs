using System.Text;
using Lookup.Domain.SharedTier;
using Lookup.Domain.Users;

namespace Lookup.Domain.Tests.SharedTier;

/// <summary>A tier in memory that a test fills, with a gate at which its reads can be held.</summary>
internal sealed class FakeTier : ISharedTier
{
    public const string Log = "account/database/container";

    private static readonly DocumentShape Shape = new([], ["/email"], "/id");
    private readonly Dictionary<string, ReadOnlyMemory<byte>> _values = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> _expiries = new(StringComparer.Ordinal);

    public SharedTierOptions Options => new() { Tier = this, Shape = Shape, LogIdentity = log => log == 1 ? Log : null };

    /// <summary>Gets or sets the function that is awaited before a read returns its result.</summary>
    public Func<CancellationToken, Task>? BeforeReturn { get; set; }

    /// <summary>Gets or sets the clock by which values that were added expire; by default, they do not.</summary>
    public TimeProvider? Time { get; set; }

    public int Reads { get; private set; }

    public int ManyReads { get; private set; }

    public int Deletes { get; private set; }

    /// <summary>Gets or sets a value that indicates whether deletions fail.</summary>
    public bool FailsToDelete { get; set; }

    public int Count => _values.Count;

    /// <summary>Gets or sets the value of the only key.</summary>
    public ReadOnlyMemory<byte> OnlyValue
    {
        get => _values.Values.Single();
        set => _values[_values.Keys.Single()] = value;
    }

    /// <summary>Puts the read of another instance into the tier.</summary>
    public void Offer(Instance instance, string id, int? version, long versionLsn, long asOfLsn, Func<SharedEntry, SharedEntry>? change = null)
    {
        var user = UserKey.Create(id);
        var partition = instance.Database.PartitionOf(id);
        var keys = new SharedTierKeys(Log, Shape);
        var entry = new SharedEntry(keys.Source, partition.Id, partition.Version, user, versionLsn, asOfLsn, instance.Time.GetUtcNow().UtcDateTime)
        {
            Document = version is null ? null : new UserDocument(Encoding.UTF8.GetBytes($"{{\"id\":\"{id}\",\"version\":{version}}}"), $"\"{versionLsn}\"", 0, DateTimeOffset.UnixEpoch, []),
        };
        _values[keys.Of(user)] = SharedEntryFormat.Write(change?.Invoke(entry) ?? entry)!;
    }

    public async ValueTask<ReadOnlyMemory<byte>?> GetAsync(string key, CancellationToken cancellationToken)
    {
        Reads++;
        var value = Find(key);
        if (BeforeReturn is { } before)
            await before(cancellationToken);
        return value;
    }

    public async ValueTask<IReadOnlyList<ReadOnlyMemory<byte>?>> GetManyAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        ManyReads++;
        ReadOnlyMemory<byte>?[] values = [.. keys.Select(Find)];
        if (BeforeReturn is { } before)
            await before(cancellationToken);
        return values;
    }

    public ValueTask SetAsync(string key, ReadOnlyMemory<byte> value, TimeSpan timeToLive, CancellationToken cancellationToken)
    {
        _values[key] = value;
        return ValueTask.CompletedTask;
    }

    public ValueTask<bool> TryAddAsync(string key, ReadOnlyMemory<byte> value, TimeSpan timeToLive, CancellationToken cancellationToken)
    {
        if (Time is { } time)
        {
            if (_expiries.TryGetValue(key, out var expiry) && time.GetUtcNow() >= expiry)
                _values.Remove(key);
            if (!_values.ContainsKey(key))
                _expiries[key] = time.GetUtcNow() + timeToLive;
        }

        return ValueTask.FromResult(_values.TryAdd(key, value));
    }

    public ValueTask DeleteAsync(string key, CancellationToken cancellationToken)
    {
        Deletes++;
        if (FailsToDelete)
            throw new SharedTierException("down");
        _values.Remove(key);
        return ValueTask.CompletedTask;
    }

    // With null as the second value, its type would be that of an empty value.
    private ReadOnlyMemory<byte>? Find(string key) => _values.TryGetValue(key, out var found) ? found : default(ReadOnlyMemory<byte>?);
}
