using System.Globalization;
using System.Text;
using Lookup.Domain.Feed;
using Lookup.Domain.Freshness;
using Lookup.Domain.Stores;
using Lookup.Domain.Users;

namespace Lookup.Contracts;

/// <summary>An in-memory fake of both ports, with a log for each range and with gates at which a test can hold a read.</summary>
public sealed class FakeDatabase(int ranges = 2, bool showsDeletes = false) : IUserStore, IChangeFeed, IUserWriter
{
    /// <summary>The charge of a query by alternate key, in request units.</summary>
    public const double QueryCharge = 3;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, UserDocument> _users = new(StringComparer.Ordinal);
    private readonly List<UserChange>[] _logs = [.. Enumerable.Range(0, ranges).Select(_ => new List<UserChange>())];
    private readonly long[] _lsns = new long[ranges];
    private readonly bool[] _hasSplit = new bool[ranges];
    private long _log = 1;

    /// <summary>Gets or sets the function that is awaited after a read has determined its result and before it returns it.</summary>
    public Func<UserKey, Task>? AfterRead { get; set; }

    /// <summary>Gets or sets the failure that <see cref="Refuse"/> returns.</summary>
    public UserStoreException? Refusal { get; set; }

    /// <summary>Gets or sets the function that is awaited before a read accesses the data.</summary>
    public Func<UserKey, CancellationToken, Task>? BeforeRead { get; set; }

    /// <summary>Called before a query by alternate key looks at the data.</summary>
    public Func<CancellationToken, Task>? BeforeFind { get; set; }

    /// <summary>Gets or sets the function that is awaited before a poll accesses the data.</summary>
    public Func<CancellationToken, Task>? BeforePoll { get; set; }

    /// <summary>
    /// Gets or sets the function that is awaited, with the name of the feed range or its part, before a poll accesses the data.
    /// </summary>
    public Func<string, CancellationToken, Task>? BeforePollOf { get; set; }

    /// <summary>Gets or sets the action that is called when the feed is started.</summary>
    public Action? BeforeStart { get; set; }

    /// <summary>Gets or sets a value that indicates whether the feed states which range contains a user.</summary>
    public bool Partitions { get; set; } = true;

    /// <summary>Gets or sets the function that replaces the range that the partitioner computes for a user.</summary>
    public Func<string, int, int>? ReplaceRange { get; set; }

    /// <summary>Gets or sets the function that replaces the result of a read.</summary>
    public Func<UserKey, StoreRead, StoreRead>? ReplaceResult { get; set; }

    /// <summary>Gets or sets the function that replaces the positions of a read of several users.</summary>
    public Func<LogSpan[], LogSpan[]>? ReplacePositions { get; set; }

    /// <summary>Gets or sets the function that replaces the result of a query by alternate key.</summary>
    public Func<StoreFind, StoreFind>? ReplaceFind { get; set; }

    /// <summary>Gets or sets the function that replaces a page of the feed.</summary>
    public Func<FeedPage, FeedPage>? ReplacePage { get; set; }

    /// <summary>Gets or sets the charge of a page of the feed, in request units.</summary>
    public double PageCharge { get; set; } = 1;

    /// <summary>Gets the charge of all pages of the feed, in request units.</summary>
    public double PollCharge { get; private set; }

    /// <summary>Gets the charge of all reads and queries, in request units.</summary>
    public double ReadCharge { get; private set; }

    /// <summary>Gets or sets the number of changes on the next page that cannot be parsed.</summary>
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
            var document = _users[id];
            _logs[range].Add(new UserChange(UserKey.Create(id), lsn, keys) { Document = () => document });
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

    /// <summary>Returns the name of the feed range, or of its part, that contains a user.</summary>
    public string PartOf(string id) => NameOf(RangeOf(id), _hasSplit[RangeOf(id)] ? HalfOf(id) : null);

    /// <summary>Deletes and recreates the container, without users and with LSNs that restart.</summary>
    public void Recreate()
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
            ReadCharge++;
            Conditions.Add(ifNoneMatch);
            var lsn = _lsns[RangeOf(key.Id)];
            read = !_users.TryGetValue(key.Id, out var user) ? new StoreRead(StoreReadStatus.NotFound, null, lsn, 1)
                : user.ETag == ifNoneMatch ? new StoreRead(StoreReadStatus.NotModified, null, lsn, 1)
                : new StoreRead(StoreReadStatus.Found, user, lsn, 1);
            read = read with { Partition = PartitionOf(key.Id), ConfirmedLsn = read.Status == StoreReadStatus.NotModified ? user!.Lsn : 0 };
            read = ReplaceResult?.Invoke(key, read) ?? read;
        }

        if (AfterRead is { } after)
            await after(key);
        return read;
    }

    /// <summary>
    /// Reads several users at one point in time. Each user is a separate part of the result, and <see cref="AfterRead"/> can hold it.
    /// </summary>
    public async ValueTask ReadManyAsync(IReadOnlyList<UserKey> keys, Action<StoreReadMany> part, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Dictionary<UserKey, UserDocument> found;
        LogSpan[] positions;
        lock (_gate)
        {
            ManyReads++;
            ReadCharge += keys.Count;
            found = keys.Where(key => _users.ContainsKey(key.Id)).ToDictionary(key => key, key => WithoutLsn(_users[key.Id]));
            positions = [.. keys.Select(PositionOf).Distinct()];
            positions = ReplacePositions?.Invoke(positions) ?? positions;
        }

        foreach (var key in keys)
        {
            if (AfterRead is { } after)
                await after(key).WaitAsync(cancellationToken);
            part(new StoreReadMany([key], found.Where(user => user.Key == key).ToDictionary(), 1) { Positions = positions });
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
            ReadCharge += QueryCharge;
            var find = new StoreFind([.. _users.Where(user => user.Value.Has(key)).Select(user => UserKey.Create(user.Key)).Take(limit)], QueryCharge)
            {
                Positions = [.. Enumerable.Range(0, ranges).SelectMany(PartitionsOf, (range, partition) => new LogSpan(partition, _lsns[range], _lsns[range]))],
            };
            return ReplaceFind?.Invoke(find) ?? find;
        }
    }

    public ValueTask<FeedStart> StartAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Starts++;
        BeforeStart?.Invoke();
        FeedPosition[] positions = [.. Enumerable.Range(0, ranges).SelectMany(range => PositionsOf(range, null, "now"))];
        return ValueTask.FromResult(new FeedStart(positions, Partitions ? new Partitioner(this, positions) : null) { Source = $"database/{_log}" });
    }

    public FeedPosition? TryResume(FeedPosition start, string token) => LsnOf(token) is var (range, _) && range == start.Range ? start with { Token = token } : null;

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
            PollCharge += PageCharge;
            var (range, half) = Parse(position.Range);
            var end = position with { Token = TokenOf(position.Range, _lsns[range]) };
            if (position.Log != _log)
                throw new FeedGapException("The container of this position was deleted.") { IsContainerRecreated = true };
            if (half is null && _hasSplit[range])
                return new FeedPage([], PositionsOf(range, null, position.Token), false, 0, PageCharge);
            var at = new LogPosition(PartitionOf(range, half), _lsns[range]);
            if (position.Token == "now")
                return new FeedPage([], [end], true, 0, PageCharge) { Position = at };
            if (LsnOf(position.Token) is not var (_, after))
                throw new FeedGapException($"The position '{position.Token}' was not issued by this feed; call StartAsync to start over.");

            var changes = _logs[range].Where(change => change.Lsn > after && (half is null || half == HalfOf(change.Key.Id)));
            if (!showsDeletes)
                changes = changes.GroupBy(change => change.Key).Select(versions => versions.Last());
            UserChange[] shown = [.. changes.OrderBy(change => change.Lsn).Select(change => change with { Partition = at.Partition })];
            var unreadable = Unreadable;
            Unreadable = 0;
            var page = new FeedPage(shown, [end], shown.Length == 0, unreadable, PageCharge) { Position = at };
            return ReplacePage?.Invoke(page) ?? page;
        }
    }

    /// <summary>Returns the token of the position after an LSN.</summary>
    public static string TokenOf(string range, long lsn) => string.Create(CultureInfo.InvariantCulture, $"{range}:{lsn}");

    /// <summary>Returns the index of the feed range that contains a user.</summary>
    public int RangeOf(string id) => id.Sum(c => c) % ranges;

    /// <summary>A read of several users returns their documents without LSNs.</summary>
    private static UserDocument WithoutLsn(UserDocument user) => new(user.Body, user.ETag, 0, user.LastModified, user.AlternateKeys);

    /// <summary>Returns the position that the log of a user's partition has reached.</summary>
    private LogSpan PositionOf(UserKey key) => new(PartitionOf(key.Id), _lsns[RangeOf(key.Id)], _lsns[RangeOf(key.Id)]);

    /// <summary>Returns the partition that contains a user.</summary>
    public LogPartition PartitionOf(string id) => PartitionOf(RangeOf(id), _hasSplit[RangeOf(id)] ? HalfOf(id) : null);

    private LogPartition[] PartitionsOf(int range) => _hasSplit[range] ? [PartitionOf(range, 0), PartitionOf(range, 1)] : [PartitionOf(range, null)];

    private LogPartition PartitionOf(int range, int? half) => new(NameOf(range, half), -1, _log);

    private int HalfOf(string id) => id.Sum(c => c) / ranges % 2;

    private static string NameOf(int range, int? half) =>
        half is null ? range.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{range}/{half}");

    private static (int Range, int? Half) Parse(string name)
    {
        var parts = name.Split('/');
        return (int.Parse(parts[0], CultureInfo.InvariantCulture), parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : null);
    }

    private static (string Range, long Lsn)? LsnOf(string token) =>
        token.Split(':') is [var range, var lsn] && long.TryParse(lsn, CultureInfo.InvariantCulture, out var number) ? (range, number) : null;

    private FeedPosition[] PositionsOf(int range, int? half, string token) =>
        half is null && _hasSplit[range]
            ? [.. PositionsOf(range, 0, token), .. PositionsOf(range, 1, token)]
            : [new FeedPosition(NameOf(range, half), token, _log)];

    /// <summary>The ranges or parts as they were when the feed was started.</summary>
    private sealed class Partitioner(FakeDatabase database, FeedPosition[] positions) : IFeedPartitioner
    {
        public int RangeOf(string partitionKey)
        {
            var range = database.RangeOf(partitionKey);
            var found = Array.FindIndex(positions, position => Parse(position.Range) is var (whole, half)
                && whole == range && (half is null || half == database.HalfOf(partitionKey)));
            return database.ReplaceRange?.Invoke(partitionKey, found) ?? found;
        }
    }
}
