using Lookup.Domain.Diagnostics;
using Lookup.Domain.Freshness;
using Lookup.Domain.Users;

namespace Lookup.Domain.SharedTier;

/// <summary>
/// The entries of a shared tier as one cache sees them: it converts keys, entries and times, and treats every failure as a miss. It decides
/// nothing about freshness.
/// </summary>
internal sealed class TierClient(SharedTierOptions options, FreshnessTracker freshness, TimeProvider time)
{
    private readonly long _clockTolerance = options.ClockTolerance.Ticks;
    private readonly Lock _gate = new();
    private (long Log, SharedTierKeys Keys)[] _keys = []; // one for each log that the instance has seen; replaced under the lock
    private long _log = 1;
    private readonly StripedCounter _asked = new();
    private readonly StripedCounter _accepted = new();
    private readonly StripedCounter _missing = new();
    private readonly StripedCounter _failures = new();
    private readonly StripedCounter _unusable = new();
    private readonly StripedCounter _refused = new();
    private readonly StripedCounter _written = new();
    private readonly StripedCounter _deleted = new();

    public SharedTierStatistics Statistics => new()
    {
        Asked = _asked.Total,
        Accepted = _accepted.Total,
        Missing = _missing.Total,
        Failures = _failures.Total,
        Unusable = _unusable.Total,
        Refused = _refused.Total,
        Written = _written.Total,
        Deleted = _deleted.Total,
    };

    /// <summary>Requests the entry of a user.</summary>
    /// <returns>The entry and its position, or <see langword="null"/> if there is none that can be used. It is not checked yet.</returns>
    public async ValueTask<TierCandidate?> GetAsync(UserKey user, CancellationToken cancellationToken)
    {
        if (KeysFor(user) is not var (log, keys))
            return null;

        _asked.Increment();
        var (value, isFailure) = await CallAsync(token => options.Tier.GetAsync(keys.Of(user), token), cancellationToken);
        return isFailure ? null : Read(value, user, log, keys);
    }

    /// <summary>Requests the entries of several users together.</summary>
    /// <returns>For each user, the entry and its position, or <see langword="null"/>.</returns>
    public async ValueTask<TierCandidate?[]> GetManyAsync(IReadOnlyList<UserKey> users, CancellationToken cancellationToken)
    {
        var candidates = new TierCandidate?[users.Count];
        var asked = new List<(int Index, string Key, long Log, SharedTierKeys Keys)>(users.Count);
        for (var i = 0; i < users.Count; i++)
        {
            if (KeysFor(users[i]) is var (log, keys))
                asked.Add((i, keys.Of(users[i]), log, keys));
        }

        if (asked.Count == 0)
            return candidates;

        _asked.Add(asked.Count);
        var (values, isFailure) = await CallAsync(token => options.Tier.GetManyAsync([.. asked.Select(each => each.Key)], token), cancellationToken);
        for (var n = 0; !isFailure && n < Math.Min(asked.Count, values!.Count); n++)
        {
            var (i, _, log, keys) = asked[n];
            candidates[i] = Read(values[n], users[i], log, keys);
        }

        return candidates;
    }

    /// <summary>Writes the result of a read of known position to the tier. It waits for nothing, and cannot fail.</summary>
    /// <param name="user">The user.</param>
    /// <param name="document">The entry that was stored, or <see langword="null"/> if there is no such user.</param>
    /// <param name="version">The position of the version.</param>
    /// <param name="asOf">The position that the read reflects.</param>
    /// <param name="sentAt">The time at which the read was sent.</param>
    public void Write(in UserKey user, UserDocument? document, LogPosition version, LogPosition asOf, long sentAt)
    {
        if (!asOf.IsKnown || !version.IsKnown || KeysOf(asOf.Partition!.Log) is not { } keys)
            return;

        var (now, wall) = (freshness.Clock.Now, time.GetUtcNow().UtcDateTime);
        var entry = new SharedEntry(keys.Source, asOf.Partition.Id, asOf.Partition.Version, user, version.Lsn, asOf.Lsn, Add(wall, sentAt - now))
        {
            Document = document,
            EndsAt = document is null || document.EndsAt == long.MaxValue ? null : Add(wall, document.EndsAt - now),
        };
        if (SharedEntryFormat.Write(entry) is not { } value)
            return;

        _written.Increment();
        var key = keys.Of(user);
        _ = ChangeAsync(token => options.Tier.SetAsync(key, value, options.TimeToLive, token));
    }

    /// <summary>Records the log that takes the place of those before it.</summary>
    public void StartOver(long log) => Volatile.Write(ref _log, log);

    /// <summary>Deletes the entry of a user in every log that the instance has seen. It waits for nothing, and cannot fail.</summary>
    public void Delete(in UserKey user)
    {
        _ = KeysOf(Volatile.Read(ref _log)); // the feed may not have shown it yet
        foreach (var (_, keys) in Volatile.Read(ref _keys))
        {
            var key = keys.Of(user);
            _deleted.Increment();
            _ = ChangeAsync(token => options.Tier.DeleteAsync(key, token));
        }
    }

    /// <summary>
    /// Converts the wall-clock times of an entry to those of the instance's clock. Each is taken to be as old as it can be.
    /// </summary>
    /// <param name="entry">The entry.</param>
    /// <param name="now">The current time of the instance's clock.</param>
    /// <param name="existedAt">The time at which the entry was read.</param>
    /// <param name="timeToLive">The time from then until the user ends, if there is such a time.</param>
    /// <returns><see langword="false"/> if the entry was read in the future or has ended.</returns>
    public bool TryConvert(SharedEntry entry, long now, out long existedAt, out TimeSpan? timeToLive)
    {
        var wall = time.GetUtcNow().UtcTicks;
        var age = wall - entry.ReadAt.Ticks;
        existedAt = now - Math.Max(0, age) - _clockTolerance;
        timeToLive = entry.EndsAt is { } end ? TimeSpan.FromTicks(end.Ticks - wall - _clockTolerance + now - existedAt) : null;
        return age >= -_clockTolerance && (timeToLive is not { } left || existedAt + left.Ticks > now);
    }

    /// <summary>Records that a request to the tier could not be sent or completed.</summary>
    public void CountFailure() => _failures.Increment();

    /// <summary>Records whether an entry was accepted.</summary>
    public void Count(SharedEntry entry, TierCheck check)
    {
        (check.IsAccepted ? _accepted : _refused).Increment();
        options.Landed?.Invoke(entry, check);
    }

    private TierCandidate? Read(ReadOnlyMemory<byte>? value, in UserKey user, long log, SharedTierKeys keys)
    {
        if (value is not { } bytes)
        {
            _missing.Increment();
            return null;
        }

        if (SharedEntryFormat.TryRead(bytes.Span, keys.Source, user, out var entry) == SharedEntryProblem.None)
            return new TierCandidate(entry!, new LogPosition(new LogPartition(entry!.PartitionId, entry.PartitionVersion, log), entry.AsOfLsn));

        _unusable.Increment();
        return null;
    }

    /// <summary>Calls the tier, within the time limit.</summary>
    /// <returns>The result, or that the call failed, for whatever reason. The users are then read from the store.</returns>
    /// <remarks>
    /// The continuation of the call runs on a thread of the tier's client, for example the only one that reads its connection, or on the thread of
    /// a timer. The rest of the flight does not: it reads from the store, and resumes the request that started it. In a context, such as that of the
    /// simulation, both are posted there.
    /// </remarks>
    private async ValueTask<(T? Value, bool IsFailure)> CallAsync<T>(Func<CancellationToken, ValueTask<T>> call, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(options.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var (value, isFailure, isPending) = (default(T), false, false);
        try
        {
            var running = call(either.Token);
            isPending = !running.IsCompleted;
            value = await running;
        }
        catch (Exception)
        {
            isFailure = true;
            if (!cancellationToken.IsCancellationRequested)
                _failures.Increment();
        }

        if (isPending)
            await Task.Yield();
        return (value, isFailure);
    }

    /// <summary>Changes the tier in the background. A failure has no consequence: the entry remains as it was, and is checked like any other.</summary>
    private async Task ChangeAsync(Func<CancellationToken, ValueTask> change)
    {
        using var limit = new CancellationTokenSource(options.Timeout, time);
        try
        {
            await change(limit.Token);
        }
        catch (Exception)
        {
            _failures.Increment();
        }
    }

    /// <summary>Returns the keys for the log of the partition that contains a user, or <see langword="null"/> if it is not known.</summary>
    private (long Log, SharedTierKeys Keys)? KeysFor(in UserKey user) =>
        freshness.PartitionOf(user.PartitionKey) is { Log: var log } && KeysOf(log) is { } keys ? (log, keys) : null;

    private SharedTierKeys? KeysOf(long log)
    {
        foreach (var known in Volatile.Read(ref _keys))
        {
            if (known.Log == log)
                return known.Keys;
        }

        if (options.LogIdentity(log) is not { } identity)
            return null;

        lock (_gate)
        {
            var keys = new SharedTierKeys(identity, options.Shape);
            if (!Array.Exists(_keys, known => known.Log == log))
                Volatile.Write(ref _keys, [.. _keys, (log, keys)]);
            return keys;
        }
    }

    private static DateTime Add(DateTime time, long ticks) =>
        new(Math.Clamp(time.Ticks + ticks, DateTime.MinValue.Ticks, DateTime.MaxValue.Ticks), DateTimeKind.Utc);
}

/// <summary>The check of an entry where its flight ends.</summary>
/// <param name="Gaps">The reasons not to use it.</param>
/// <param name="IsInTime">A value that indicates whether neither its time to live nor the bound on unseen deletes is over.</param>
/// <param name="IsAttached">A value that indicates whether its flight was not detached.</param>
internal readonly record struct TierCheck(CoverageGaps Gaps, bool IsInTime, bool IsAttached)
{
    /// <summary>Gets a value that indicates whether the entry is used.</summary>
    public bool IsAccepted => Gaps == CoverageGaps.None && IsInTime && IsAttached;
}

/// <summary>An entry of the tier that has not been checked against what this instance knows.</summary>
/// <param name="Entry">The entry.</param>
/// <param name="State">The position that it reflects.</param>
internal sealed record TierCandidate(SharedEntry Entry, LogPosition State);
