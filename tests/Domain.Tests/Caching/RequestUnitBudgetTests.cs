using Lookup.Domain.Caching;
using Lookup.Domain.Stores;
using Lookup.Domain.Users;

namespace Lookup.Domain.Tests.Caching;

/// <summary>The charges of a caller's budget: which reads are charged to it, and what it gets when the budget is spent.</summary>
public sealed class RequestUnitBudgetTests
{
    [Fact]
    public async Task Reads_are_charged_to_their_initiator_and_hits_and_joined_reads_are_free()
    {
        await using var instance = new Instance();
        var (payer, other) = (new TestBudget(), new TestBudget());
        var (held, gate) = instance.HoldReads();

        var many = instance.GetManyAsync(Ids(3), new ReadDirectives { Budget = payer });
        await held;
        var joined = instance.GetAsync("u1", new ReadDirectives { Budget = other }).AsTask();
        gate.SetResult();
        await many;
        await joined;
        await instance.GetAsync("u2", new ReadDirectives { Budget = other });
        await instance.GetAsync("u9", new ReadDirectives { Budget = payer });
        await instance.Cache.FindAsync(new AlternateKey("/email", "a"), new ReadDirectives { Budget = payer }, Token);

        Assert.Equal((3 + 1 + 3, 0), (payer.Spent, other.Spent));
    }

    /// <summary>The store charges for every read that was sent, so a client that cancels before the response does not read for free.</summary>
    [Fact]
    public async Task Read_that_is_canceled_before_its_response_is_charged_by_estimate()
    {
        await using var instance = new Instance();
        var budget = new TestBudget();
        var directives = new ReadDirectives { Budget = budget };
        using var leaving = new CancellationTokenSource();
        var (held, gate) = instance.HoldReads();
        var many = instance.Cache.GetManyAsync([.. Ids(10).Select(id => UserKey.Create(id))], directives, leaving.Token).AsTask();
        await held;

        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => many);
        await instance.SettleAsync();
        Assert.Equal(10, budget.Spent, 0.01);
        gate.SetResult();
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 3)]
    public async Task Single_read_that_is_canceled_before_its_response_is_charged_by_estimate(bool isFind, double expected)
    {
        await using var instance = new Instance();
        var budget = new TestBudget();
        var directives = new ReadDirectives { Budget = budget };
        using var leaving = new CancellationTokenSource();
        var held = new TaskCompletionSource();
        Task HoldAsync(CancellationToken token)
        {
            held.TrySetResult();
            return Task.Delay(Timeout.InfiniteTimeSpan, instance.Time, token);
        }

        instance.Database.BeforeRead = (_, token) => HoldAsync(token);
        instance.Database.BeforeFind = HoldAsync;
        Task lookup = isFind
            ? instance.Cache.FindAsync(new AlternateKey("/email", "a"), directives, leaving.Token).AsTask()
            : instance.Cache.GetAsync(UserKey.Create("u1"), directives, leaving.Token).AsTask();
        await held.Task;

        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => lookup);
        await instance.SettleAsync();
        Assert.Equal(expected, budget.Spent, 0.01);
    }

    [Fact]
    public async Task Caller_that_has_spent_its_budget_gets_hits_but_no_reads()
    {
        await using var instance = new Instance();
        await instance.WriteAsync("u0", 1);
        await instance.GetAsync("u0");
        var empty = new ReadDirectives { Budget = new TestBudget { IsEmpty = true } };

        Assert.Equal(LookupSource.Hit, (await instance.GetAsync("u0", empty)).Source);
        var single = await Assert.ThrowsAsync<UserStoreException>(async () => await instance.GetAsync("u1", empty));
        var many = await Assert.ThrowsAsync<UserStoreException>(() => instance.GetManyAsync(Ids(3), empty));
        var find = await Assert.ThrowsAsync<UserStoreException>(
            async () => await instance.Cache.FindAsync(new AlternateKey("/email", "a"), empty, Token));

        Assert.All([single, many, find], refusal => Assert.Equal((UserStoreFailure.OverBudget, TimeSpan.FromSeconds(7)), (refusal.Failure, refusal.RetryAfter)));
        Assert.Equal((1, 0, 0), (instance.Database.Reads, instance.Database.ManyReads, instance.Database.Queries));
    }

    private sealed class TestBudget : IRequestUnitBudget
    {
        public double Spent { get; private set; }

        public bool IsEmpty { get; init; }

        public bool Allows(out TimeSpan retryAfter)
        {
            retryAfter = TimeSpan.FromSeconds(7);
            return !IsEmpty;
        }

        public void Spend(double requestUnits) => Spent += requestUnits;
    }
}
