using Lookup.Domain.Caching;
using Lookup.Domain.Caching.Entries;
using Lookup.Domain.Caching.Flights;
using Lookup.Domain.Stores;
using Lookup.Domain.Users;
using Microsoft.Extensions.Time.Testing;

namespace Lookup.Domain.Tests.Caching;

/// <summary>Tests that the bytes in flight are bounded: the budget, the estimate, and the reads that they limit.</summary>
public sealed class ByteBudgetTests
{
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(2);

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Bytes_that_do_not_fit_are_granted_in_order_of_arrival()
    {
        var budget = new ByteBudget(100, MaxWait, _time);
        var first = await budget.TakeAsync(60, Token);
        var large = budget.TakeAsync(50, Token).AsTask();
        var small = budget.TakeAsync(10, Token).AsTask();
        Assert.False(large.IsCompleted || small.IsCompleted, "The small one would fit, but the large one came first.");

        first!.Dispose();

        using var second = await large;
        using var third = await small;
        Assert.Equal(60, budget.InUse);
    }

    [Fact]
    public async Task More_than_the_whole_budget_is_granted_when_nothing_else_is_in_flight()
    {
        var budget = new ByteBudget(100, MaxWait, _time);
        var first = await budget.TakeAsync(1, Token);
        var all = budget.TakeAsync(1000, Token).AsTask();
        Assert.False(all.IsCompleted, "It was granted beside another one.");

        first!.Dispose();

        using (await all)
            Assert.Equal(1000, budget.InUse);
        Assert.Equal(0, budget.InUse);
    }

    [Fact]
    public async Task Wait_ends_after_its_time_and_the_next_waiter_is_granted()
    {
        var budget = new ByteBudget(100, MaxWait, _time);
        using var first = await budget.TakeAsync(60, Token);
        var large = budget.TakeAsync(50, Token).AsTask();
        _time.Advance(MaxWait / 2);
        var small = budget.TakeAsync(40, Token).AsTask();

        _time.Advance(MaxWait / 2);

        Assert.Null(await large);
        using var second = await small;
        Assert.Equal(100, budget.InUse);
    }

    [Fact]
    public async Task Canceled_waiter_leaves_the_queue()
    {
        var budget = new ByteBudget(100, MaxWait, _time);
        var first = await budget.TakeAsync(60, Token);
        using var cancellation = new CancellationTokenSource();
        var canceled = budget.TakeAsync(50, cancellation.Token).AsTask();

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => canceled);
        first!.Dispose();
        Assert.Equal(0, budget.InUse);
    }

    [Fact]
    public async Task Number_of_waiters_is_bounded()
    {
        var budget = new ByteBudget(100, MaxWait, _time);
        using var first = await budget.TakeAsync(100, Token);
        var waiting = Enumerable.Range(0, ByteBudget.MaxWaiting).Select(_ => budget.TakeAsync(1, Token).AsTask()).ToArray();

        Assert.Null(await budget.TakeAsync(1, Token));

        Assert.All(waiting, waiter => Assert.False(waiter.IsCompleted));
        _time.Advance(MaxWait);
        Assert.All(await Task.WhenAll(waiting), Assert.Null);
    }

    [Fact]
    public async Task Corrected_size_counts_immediately_and_is_given_back_whole()
    {
        var budget = new ByteBudget(100, MaxWait, _time);
        var first = (await budget.TakeAsync(10, Token))!;
        first.Resize(500);
        var second = budget.TakeAsync(10, Token).AsTask();
        Assert.False(second.IsCompleted, "It was granted although the budget is exceeded.");

        first.Resize(90);
        (await second)!.Dispose();
        first.Dispose();
        first.Dispose();

        Assert.Equal(0, budget.InUse);
    }

    [Fact]
    public void Estimate_is_the_initial_one_until_a_user_was_read_and_then_follows_the_sizes()
    {
        var sizes = new UserSizes(1_000_000);
        Assert.InRange(sizes.Of(10), 10_000_000, 11_000_000);

        sizes.Add(1000);
        Assert.InRange(sizes.Of(10), 10_000, 11_000);

        for (var i = 0; i < 100; i++)
            sizes.Add(2_000_000);
        Assert.InRange(sizes.Of(10), 18_000_000, 25_000_000);
    }

    [Fact]
    public void Estimate_of_many_small_users_allows_for_a_few_large_ones()
    {
        var sizes = new UserSizes(1000);
        for (var i = 0; i < 1000; i++)
            sizes.Add(i % 50 == 0 ? 1_000_000 : 1000);

        Assert.InRange(sizes.Of(1), 50_000, 2_000_000);
        Assert.InRange(sizes.Of(1000), 2_000_000, 60_000_000);
        var count = sizes.CountWithin(5_000_000, 1000);
        Assert.True(sizes.Of(count) <= 5_000_000 && sizes.Of(count + 1) > 5_000_000);
        Assert.Equal((1, 7), (sizes.CountWithin(0, 1000), sizes.CountWithin(long.MaxValue, 7)));
    }

    [Fact]
    public async Task Reads_in_flight_stay_within_the_budget_and_the_others_follow()
    {
        await using var instance = new Instance(budget: budget => budget with { ReadBytes = Room(users: 3), InitialUserBytes = 1000 });
        var (held, gate) = instance.HoldReads();

        var reads = Ids(10).Select(id => instance.GetAsync(id).AsTask()).ToArray();
        await held;
        await instance.SettleAsync();

        Assert.Equal(3, instance.Database.Reads);
        gate.SetResult();
        await Task.WhenAll(reads);
        Assert.Equal(10, instance.Database.Reads);
    }

    [Fact]
    public async Task Batches_in_flight_stay_within_the_budget_and_the_others_follow()
    {
        await using var instance = new Instance(budget: budget => budget with { ReadBytes = Room(users: 11), InitialUserBytes = 1000 });
        var (held, gate) = instance.HoldReads();

        var batches = Ids(15).Chunk(5).Select(ids => instance.GetManyAsync(ids)).ToArray();
        await held;
        await instance.SettleAsync();

        Assert.Equal(2, instance.Database.ManyReads);
        gate.SetResult();
        await Task.WhenAll(batches);
        Assert.Equal(3, instance.Database.ManyReads);
    }

    [Theory]
    [InlineData("user")]
    [InlineData("user in a session")]
    [InlineData("users")]
    [InlineData("query")]
    public async Task Read_of_each_kind_is_sent_only_when_its_bytes_fit(string kind)
    {
        await using var instance = new Instance();
        await instance.WriteAsync("u1", 1, "a@example.com");
        var budget = new ByteBudget(100, MaxWait, _time);
        var store = new BoundedUserStore(instance.Database, budget, new UserSizes(1000));
        var all = (await budget.TakeAsync(100, Token))!;

        var read = ReadAsync();
        Assert.False(read.IsCompleted);
        Assert.Equal(0, Sent());
        all.Dispose();
        await read;

        Assert.Equal(1, Sent());
        Assert.Equal(0, budget.InUse);

        int Sent() => instance.Database.Reads + instance.Database.ManyReads + instance.Database.Queries;

        async Task ReadAsync()
        {
            var user = UserKey.Create("u1");
            if (kind == "user")
                await store.ReadAsync(user, null, Token);
            else if (kind == "users")
                await store.ReadManyAsync([user], _ => { }, Token);
            else if (kind == "query")
                await store.FindAsync(new AlternateKey("/email", "a@example.com"), 10, Token);
            else if (SessionToken.TryParse("0:-1#1", out var token))
                await store.ReadInSessionAsync(user, token, Token);
        }
    }

    [Fact]
    public async Task Read_for_which_there_is_no_memory_until_its_deadline_is_rejected_and_not_charged()
    {
        await using var instance = new Instance(budget: budget => budget with { ReadBytes = Room(users: 1), InitialUserBytes = 1000 });
        var (held, gate) = instance.HoldReads();
        var first = instance.GetAsync("first").AsTask();
        await held;
        var payer = new Payer();

        var second = instance.GetAsync("second", new ReadDirectives { Budget = payer }).AsTask();
        await instance.AdvanceAsync(TimeSpan.FromSeconds(2.1));

        Assert.Equal(UserStoreFailure.Overloaded, (await Assert.ThrowsAsync<UserStoreException>(() => second)).Failure);
        Assert.Equal((1, 0.0, 0L), (instance.Database.Reads, payer.Spent, instance.Cache.GetStatistics().Flights - 1));
        gate.SetResult();
        await first;
    }

    [Fact]
    public async Task Batch_that_does_not_fit_is_read_in_parts_and_the_first_part_corrects_the_estimate()
    {
        await using var instance = new Instance(budget: budget => budget with { ReadBytes = Room(users: 20), InitialUserBytes = 1000 });
        foreach (var id in Ids(100))
            await instance.WriteAsync(id, 1);
        var (held, gate) = instance.HoldReads();

        var batch = instance.GetManyAsync(Ids(100));
        await held;
        gate.SetResult();

        Assert.All(await batch, result => Assert.Equal(1, result.Version()));
        Assert.Equal(2, instance.Database.ManyReads); // 10 users, half of the budget, and then the others, which are much smaller than estimated
    }

    [Fact]
    public async Task Batch_whose_users_are_too_large_together_is_rejected()
    {
        await using var instance = new Instance(budget: budget => budget with { MaxResultBytes = 1000, ReadBytes = Room(users: 20), InitialUserBytes = 1000 });
        foreach (var id in Ids(100))
            await instance.WriteAsync(id, 1);

        var thrown = await Assert.ThrowsAsync<ResultTooLargeException>(() => instance.GetManyAsync(Ids(100)));
        var cached = await Assert.ThrowsAsync<ResultTooLargeException>(() => instance.GetManyAsync(Ids(100)));

        Assert.Equal((1000, 1000), (thrown.MaxBytes, cached.MaxBytes));
        Assert.Equal(10, (await instance.GetManyAsync(Ids(10))).Count);
    }

    [Fact]
    public async Task Find_whose_users_are_too_large_together_returns_some_of_them()
    {
        await using var instance = new Instance(budget: budget => budget with { MaxResultBytes = 200, ReadBytes = Room(users: 20), InitialUserBytes = 1000 });
        foreach (var id in Ids(40))
            await instance.WriteAsync(id, 1, "a@example.com");
        var counts = new List<int>();

        var found = await instance.Cache.FindAsync(
            new AlternateKey("/email", "a@example.com"),
            default,
            users =>
            {
                counts.Add(users);
                return ValueTask.CompletedTask;
            },
            Token);

        Assert.True(found.IsTruncated);
        Assert.InRange(found.Users.Sum(user => user.Body.Length), 100, 200);
        Assert.Equal([40], counts);
    }

    /// <summary>Returns a budget for reads that has room for a number of users of 1,000 bytes.</summary>
    private static long Room(int users) => BoundedUserStore.Copies * new UserSizes(1000).Of(users);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private sealed class Payer : IRequestUnitBudget
    {
        public double Spent { get; private set; }

        public bool Allows(out TimeSpan retryAfter)
        {
            retryAfter = TimeSpan.Zero;
            return true;
        }

        public void Spend(double requestUnits) => Spent += requestUnits;
    }
}
