using Lookup.Contracts;
using Lookup.Domain.Caching;
using Lookup.Domain.Caching.Entries;
using Lookup.Domain.Feed;
using Lookup.Domain.Freshness;
using Lookup.Domain.SharedTier;
using Lookup.Domain.Stores;
using Lookup.Domain.Users;
using Microsoft.Extensions.Time.Testing;

namespace Lookup.Domain.Tests;

/// <summary>One instance of the service as Domain sees it, on a fake database and a clock that the test advances.</summary>
/// <remarks>
/// The test that creates an instance continues in its <see cref="SerialContext"/>, so nothing in it runs concurrently. An async method that
/// creates an instance for a test does not have this effect: its caller's context is restored when it returns.
/// </remarks>
internal sealed class Instance : IFollowerObserver, IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly SerialContext _context = SerialContext.Install();
    private Task? _following;
    private int _lookups;

    public Instance(
        UserCacheOptions? options = null,
        FollowerOptions? following = null,
        FakeDatabase? database = null,
        IUserStore? store = null,
        Func<MemoryBudget, MemoryBudget>? budget = null,
        SharedTierOptions? sharedTier = null,
        IFeedSnapshots? snapshots = null)
    {
        Database = database ?? new FakeDatabase();
        Freshness = new FreshnessTracker(Time);
        options ??= new UserCacheOptions();

        // The users in tests are small, and most tests are not about the first read, which does not know that yet.
        var memory = MemoryBudget.FromTotal(options.SizeBytes) with { InitialUserBytes = 64 };
        Cache = new UserCache(store ?? Database, Freshness, options, Time, budget?.Invoke(memory) ?? memory, sharedTier);
        Follower = new ChangeFeedFollower(Database, Cache, Freshness, following ?? new FollowerOptions { Polling = FeedPolling.Steady }, Time, this, snapshots);
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public FakeDatabase Database { get; }

    public FreshnessTracker Freshness { get; }

    public UserCache Cache { get; }

    public ChangeFeedFollower Follower { get; }

    public int Gaps { get; private set; }

    public int Failures { get; private set; }

    public int Armings { get; private set; }

    public int Abandonments { get; private set; }

    /// <summary>Gets the number of ranges that were continued from the positions of another instance.</summary>
    public int ResumedRanges { get; private set; }

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Looks a user up. Every second call tries the cache first, as the HTTP function does.</summary>
    public ValueTask<LookupResult> GetAsync(string id, ReadDirectives directives = default, CancellationToken? cancellationToken = null)
    {
        var key = UserKey.Create(id);
        return _lookups++ % 2 == 1 && Cache.TryGet(key, directives, out var result)
            ? new ValueTask<LookupResult>(result)
            : Cache.GetAsync(key, directives, cancellationToken ?? Token);
    }

    public Task WriteAsync(string id, int version, string? email = null) => Database.UpsertAsync(id, email, version, Token);

    /// <summary>Evicts the user, as the feed does for the user's last change.</summary>
    public void Evict(string id, long lsn = 0, string? email = null) =>
        Cache.Evict(
            new UserChange(UserKey.Create(id), lsn, email is null ? [] : [new AlternateKey("/email", email)]) { Partition = Database.PartitionOf(id) },
            EvictionSource.Follower);

    /// <summary>Starts following the feed.</summary>
    public void Follow() => _following = Follower.RunAsync(_stop.Token);

    /// <summary>Starts following the feed and waits until it is armed.</summary>
    public async Task FollowAsync()
    {
        Follow();
        await UntilAsync(() => Freshness.IsArmed);
    }

    /// <summary>Runs everything that can run without advancing the clock.</summary>
    public Task SettleAsync() => _context.SettleAsync();

    /// <summary>Advances the clock in steps that are short enough for all timers to fire in order.</summary>
    public async Task AdvanceAsync(TimeSpan time)
    {
        var step = TimeSpan.FromMilliseconds(50);
        for (var elapsed = TimeSpan.Zero; elapsed < time; elapsed += step)
        {
            Time.Advance(step);
            await _context.SettleAsync();
        }
    }

    /// <summary>Advances the clock until a condition is true, however many steps the threads need for it.</summary>
    public async Task AdvanceUntilAsync(Func<bool> condition)
    {
        for (var i = 0; i < 10_000 && !condition(); i++)
            await AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.True(condition(), "The condition did not become true.");
    }

    /// <summary>Waits for a condition that becomes true without advancing the clock.</summary>
    public static async Task UntilAsync(Func<bool> condition)
    {
        for (var turns = 0; !condition(); turns++)
        {
            Assert.True(turns < 1_000_000, "The condition did not become true.");
            await Task.Yield();
        }
    }

    /// <summary>Holds the result of every database read, taken but not yet returned, until the gate is opened.</summary>
    public (Task Held, TaskCompletionSource Gate) HoldReads()
    {
        var held = new TaskCompletionSource();
        var gate = new TaskCompletionSource();
        Database.AfterRead = _ =>
        {
            held.TrySetResult();
            return gate.Task;
        };
        return (held.Task, gate);
    }

    /// <summary>Advances the clock until a task has completed.</summary>
    public async Task MoveUntilAsync(Task done)
    {
        while (!done.IsCompleted)
            await AdvanceAsync(TimeSpan.FromMilliseconds(50));
    }

    /// <summary>Returns the ids of consecutive users.</summary>
    public static string[] Ids(int count, int from = 0) => [.. Enumerable.Range(from, count).Select(i => $"u{i}")];

    /// <summary>Looks up several users.</summary>
    public async Task<IReadOnlyList<LookupResult>> GetManyAsync(string[] ids, ReadDirectives directives = default, CancellationToken? token = null) =>
        await Cache.GetManyAsync([.. ids.Select(id => UserKey.Create(id))], directives, token ?? Token);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        if (_following is not null)
            await _following;
        _stop.Dispose();
        Cache.Dispose();
    }

    public void Resumed(int ranges) => ResumedRanges += ranges;

    public void Armed(long epoch) => Armings++;

    public void PollFailed(string? range, Exception exception) => Failures++;

    public void GapFound(string range, Exception exception) => Gaps++;

    public void PartitionerAbandoned(string range) => Abandonments++;
}
