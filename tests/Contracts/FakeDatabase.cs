using System.Globalization;
using System.Text;
using Lookup.Domain.Feed;
using Lookup.Domain.Stores;
using Lookup.Domain.Users;

namespace Lookup.Contracts;

/// <summary>Users in memory, behind both ports: a log for each range, and gates at which a test can hold a read.</summary>
public sealed class FakeDatabase(int ranges = 2, bool showsDeletes = false) : IUserStore, IChangeFeed, IUserWriter
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, UserDocument> _users = new(StringComparer.Ordinal);
    private readonly List<UserChange>[] _logs = [.. Enumerable.Range(0, ranges).Select(_ => new List<UserChange>())];
    private readonly long[] _lsns = new long[ranges];
    private readonly bool[] _hasSplit = new bool[ranges];
    private long _log = 1;

    /// <summary>Called after a read has taken its answer and before it returns it: await here to hold the answer back.</summary>
    public Func<UserKey, Task>? AfterRead { get; set; }

    /// <summary>The refusal that <see cref="Refuse"/> returns.</summary>
    public UserStoreException? Refusal { get; set; }

    /// <summary>Called before a read looks at the data.</summary>
    public Func<UserKey, CancellationToken, Task>? BeforeRead { get; set; }

    /// <summary>Called before a query by alternate key looks at the data.</summary>
    public Func<CancellationToken, Task>? BeforeFind { get; set; }

    /// <summary>Called before a poll looks at the data.</summary>
    public Func<CancellationToken, Task>? BeforePoll { get; set; }

    /// <summary>Called with the name of the feed range, or of its part, before a poll looks at the data.</summary>
    public Func<string, CancellationToken, Task>? BeforePollOf { get; set; }

    /// <summary>Called when the feed is started.</summary>
    public Action? BeforeStart { get; set; }

    /// <summary>Replaces the answer of a read.</summary>
    public Func<UserKey, StoreRead, StoreRead>? Answer { get; set; }

    /// <summary>How many changes of the next page cannot be read.</summary>
    public int Unreadable { get; set; }

    public int Reads { get; private set; }

    public int ManyReads { get; private set; }

    public int Queries { get; private set; }

    public int Polls { get; private set; }

    public int Starts { get; private set; }

    public List<string?> Conditions { get; } = [];

    public Task UpsertAsync(string id, string? email, int version, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            var range = RangeOf(id);
            AlternateKey[] keys = email is null ? [] : [new AlternateKey("/email", email)];
            var body = Encoding.UTF8.GetBytes($"{{\"id\":\"{id}\",\"version\":{version}}}");
            var lsn = ++_lsns[range];
            _users[id] = new UserDocument(body, $"\"{id}-{lsn}\"", lsn, DateTimeOffset.UnixEpoch, keys);
            _logs[range].Add(new UserChange(UserKey.Create(id), lsn, keys));
        }

        return Task.CompletedTask;
    }

    public Task DeleteAsync(string id, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            var range = RangeOf(id);
            _users.Remove(id);
            _logs[range].RemoveAll(change => !showsDeletes && change.Key.Id == id);
            _lsns[range]++;
            if (showsDeletes)
                _logs[range].Add(new UserChange(UserKey.Create(id), _lsns[range], []));
        }

        return Task.CompletedTask;
    }

    /// <summary>Splits each range in two, "0" into "0/0" and "0/1".</summary>
    public Task SplitAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
            Array.Fill(_hasSplit, true);
        return Task.CompletedTask;
    }

    /// <summary>The name of the feed range that a user is in, or of its part.</summary>
    public string PartOf(string id) => NameOf(RangeOf(id), _hasSplit[RangeOf(id)] ? HalfOf(id) : null);

    /// <summary>Deletes the container and makes it anew: without users, and with numbers that begin again.</summary>
    public void MakeAnew()
    {
        lock (_gate)
        {
            _users.Clear();
            Array.ForEach(_logs, log => log.Clear());
            Array.Clear(_lsns);
            _log++;
        }
    }

    public async ValueTask<StoreRead> ReadAsync(UserKey key, string? ifNoneMatch, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (BeforeRead is { } before)
            await before(key, cancellationToken);
        StoreRead read;
        lock (_gate)
        {
            Reads++;
            Conditions.Add(ifNoneMatch);
            var lsn = _lsns[RangeOf(key.Id)];
            read = !_users.TryGetValue(key.Id, out var user) ? new StoreRead(StoreReadStatus.NotFound, null, lsn, 1)
                : user.ETag == ifNoneMatch ? new StoreRead(StoreReadStatus.NotModified, null, lsn, 1)
                : new StoreRead(StoreReadStatus.Found, user, lsn, 1);
            read = Answer?.Invoke(key, read) ?? read;
        }

        if (AfterRead is { } after)
            await after(key);
        return read;
    }

    /// <summary>Each user is a part of the answer, held by <see cref="AfterRead"/> for itself; the data are of one moment.</summary>
    public async ValueTask ReadManyAsync(IReadOnlyList<UserKey> keys, Action<StoreReadMany> part, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Dictionary<UserKey, UserDocument> found;
        lock (_gate)
        {
            ManyReads++;
            found = keys.Where(key => _users.ContainsKey(key.Id)).ToDictionary(key => key, key => _users[key.Id]);
        }

        foreach (var key in keys)
        {
            if (AfterRead is { } after)
                await after(key).WaitAsync(cancellationToken);
            part(new StoreReadMany([key], found.Where(user => user.Key == key).ToDictionary(), 1));
        }
    }

    public UserStoreException? Refuse() => Refusal;

    public async ValueTask<StoreFind> FindAsync(AlternateKey key, int limit, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await Task.Yield();
        if (BeforeFind is { } before)
            await before(cancellationToken);
        lock (_gate)
        {
            Queries++;
            return new StoreFind([.. _users.Where(user => user.Value.Has(key)).Select(user => UserKey.Create(user.Key)).Take(limit)], 3);
        }
    }

    public ValueTask<IReadOnlyList<FeedPosition>> StartAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Starts++;
        BeforeStart?.Invoke();
        return ValueTask.FromResult<IReadOnlyList<FeedPosition>>([.. Enumerable.Range(0, ranges).SelectMany(range => PositionsOf(range, null, "now"))]);
    }

    public async ValueTask<FeedPage> ReadAsync(FeedPosition position, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (BeforePoll is { } before)
            await before(cancellationToken);
        if (BeforePollOf is { } beforeOf)
            await beforeOf(position.Range, cancellationToken);
        lock (_gate)
        {
            Polls++;
            var (range, half) = Parse(position.Range);
            var end = position with { Token = _lsns[range].ToString(CultureInfo.InvariantCulture) };
            if (position.Log != _log)
                throw new FeedGapException("The container of this position was deleted.");
            if (half is null && _hasSplit[range])
                return new FeedPage([], PositionsOf(range, null, position.Token), false, 0, 1);
            if (position.Token == "now")
                return new FeedPage([], [end], true, 0, 1);
            if (!long.TryParse(position.Token, CultureInfo.InvariantCulture, out var after))
                throw new FeedGapException($"There is no position '{position.Token}'; take one from StartAsync.");

            var changes = _logs[range].Where(change => change.Lsn > after && (half is null || half == HalfOf(change.Key.Id)));
            if (!showsDeletes)
                changes = changes.GroupBy(change => change.Key).Select(versions => versions.Last());
            var page = changes.OrderBy(change => change.Lsn).ToArray();
            var unreadable = Unreadable;
            Unreadable = 0;
            return new FeedPage(page, [end], page.Length == 0, unreadable, 1);
        }
    }

    private int RangeOf(string id) => id.Sum(c => c) % ranges;

    private int HalfOf(string id) => id.Sum(c => c) / ranges % 2;

    private static string NameOf(int range, int? half) =>
        half is null ? range.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{range}/{half}");

    private static (int Range, int? Half) Parse(string name)
    {
        var parts = name.Split('/');
        return (int.Parse(parts[0], CultureInfo.InvariantCulture), parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : null);
    }

    private FeedPosition[] PositionsOf(int range, int? half, string token) =>
        half is null && _hasSplit[range]
            ? [.. PositionsOf(range, 0, token), .. PositionsOf(range, 1, token)]
            : [new FeedPosition(NameOf(range, half), token, _log)];
}
