using Lookup.Domain.Stores;
using Lookup.Domain.Users;
using Lookup.Functions.Resilience;
using Lookup.Support;

namespace Lookup.Functions.Tests.Resilience;

public sealed class CircuitTests
{
    private static readonly StoreGuardOptions NoRetries = new() { Retries = 0 };

    [Fact]
    public async Task Repeated_failures_open_the_circuit()
    {
        using var guarded = new Guarded(NoRetries);
        for (var i = 0; i < 4; i++)
            await guarded.FailAsync(Guarded.Unavailable);
        Assert.Equal(CircuitState.Closed, guarded.State.Circuit);

        await guarded.FailAsync(Guarded.Unavailable);

        Assert.Equal(CircuitState.Open, guarded.State.Circuit);
        guarded.Time.Advance(TimeSpan.FromSeconds(0.4));
        var refusal = await guarded.BeRefusedAsync(UserStoreFailure.Unavailable);
        Assert.Equal(0.6, refusal.RetryAfter!.Value.TotalSeconds, 0.001);
        Assert.Equal((1, 1), (guarded.State.Refused, guarded.State.Opened));
    }

    [Fact]
    public async Task Successful_probe_after_the_break_closes_the_circuit()
    {
        using var guarded = new Guarded(NoRetries);
        await guarded.OpenAsync();
        guarded.Time.Advance(TimeSpan.FromSeconds(1));

        var probe = guarded.ReadAsync();
        var held = await guarded.Store.NextAsync();
        Assert.Equal(CircuitState.HalfOpen, guarded.State.Circuit);
        await guarded.BeRefusedAsync(UserStoreFailure.Unavailable);
        held.SetResult();
        await probe;

        Assert.Equal(CircuitState.Closed, guarded.State.Circuit);
        await guarded.SucceedAsync();
    }

    [Fact]
    public async Task Failed_probe_opens_the_circuit_for_another_break()
    {
        using var guarded = new Guarded(NoRetries);
        await guarded.OpenAsync();
        guarded.Time.Advance(TimeSpan.FromSeconds(1));

        await guarded.FailAsync(Guarded.Unavailable);

        Assert.Equal(CircuitState.Open, guarded.State.Circuit);
        guarded.Time.Advance(TimeSpan.FromSeconds(0.9));
        await guarded.BeRefusedAsync(UserStoreFailure.Unavailable);
        guarded.Time.Advance(TimeSpan.FromSeconds(0.1));
        await guarded.SucceedAsync();
        Assert.Equal(CircuitState.Closed, guarded.State.Circuit);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Probe_continues_without_its_caller(bool succeeds)
    {
        using var guarded = new Guarded(NoRetries);
        await guarded.OpenAsync();
        guarded.Time.Advance(TimeSpan.FromSeconds(1));
        using var leaves = new CancellationTokenSource();
        var probe = guarded.ReadAsync(leaves.Token);
        var held = await guarded.Store.NextAsync();
        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => probe);
        Assert.Equal((CircuitState.HalfOpen, 1), (guarded.State.Circuit, guarded.State.Opened));
        await guarded.BeRefusedAsync(UserStoreFailure.Unavailable);

        if (succeeds)
            held.SetResult();
        else
            held.SetException(Guarded.Unavailable);

        await Eventually.IsTrueAsync(() => guarded.State.Circuit != CircuitState.HalfOpen, "the probe ends");
        Assert.Equal(succeeds ? (CircuitState.Closed, 1) : (CircuitState.Open, 2), (guarded.State.Circuit, guarded.State.Opened));
    }

    [Fact]
    public async Task Probe_that_hangs_rejects_its_caller_soon_and_opens_the_circuit_at_its_own_deadline()
    {
        using var guarded = new Guarded(NoRetries);
        await guarded.OpenAsync();
        guarded.Time.Advance(TimeSpan.FromSeconds(1));
        var probe = guarded.ReadAsync();
        await guarded.Store.NextAsync();
        guarded.Time.Advance(TimeSpan.FromMilliseconds(49));
        await guarded.BeRefusedAsync(UserStoreFailure.Unavailable);
        Assert.False(probe.IsCompleted);

        guarded.Time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.True((await Assert.ThrowsAsync<UserStoreException>(() => probe)).IsRefusal);
        guarded.Time.Advance(TimeSpan.FromMilliseconds(1949));
        Assert.Equal((CircuitState.HalfOpen, 1), (guarded.State.Circuit, guarded.State.Opened));
        guarded.Time.Advance(TimeSpan.FromMilliseconds(1));
        await Eventually.IsTrueAsync(() => guarded.State.Circuit == CircuitState.Open, "the deadline of the probe ends it");
        Assert.Equal(2, guarded.State.Opened);
        guarded.Time.Advance(TimeSpan.FromSeconds(0.9));
        await guarded.BeRefusedAsync(UserStoreFailure.Unavailable);
    }

    [Fact]
    public async Task Part_of_a_batch_that_arrives_after_its_caller_was_rejected_is_dropped()
    {
        using var guarded = new Guarded(NoRetries);
        await guarded.OpenAsync();
        guarded.Time.Advance(TimeSpan.FromSeconds(1));
        var parts = 0;
        var probe = guarded.Front.ReadManyAsync([UserKey.Create("ada"), UserKey.Create("bob")], _ => parts++, Cancel.Token).AsTask();
        (await guarded.Store.NextAsync()).SetResult();
        var second = await guarded.Store.NextAsync();
        guarded.Time.Advance(TimeSpan.FromMilliseconds(50));
        Assert.True((await Assert.ThrowsAsync<UserStoreException>(() => probe)).IsRefusal);

        second.SetResult();

        await Eventually.IsTrueAsync(() => guarded.State.Circuit == CircuitState.Closed, "the probe ends");
        Assert.Equal(1, parts);
    }

    [Fact]
    public async Task Response_to_an_earlier_read_does_not_close_the_circuit_while_the_probe_is_in_flight()
    {
        using var guarded = new Guarded(NoRetries);
        var earlier = guarded.ReadAsync();
        var held = await guarded.Store.NextAsync();
        await guarded.OpenAsync();
        guarded.Time.Advance(TimeSpan.FromSeconds(1));
        var probe = guarded.ReadAsync();
        var heldProbe = await guarded.Store.NextAsync();

        held.SetResult();
        await earlier;

        Assert.Equal(CircuitState.HalfOpen, guarded.State.Circuit);
        heldProbe.SetResult();
        await probe;
        Assert.Equal(CircuitState.Closed, guarded.State.Circuit);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Batches_and_queries_that_hang_open_the_circuit_although_many_reads_succeeded_before(bool isBatch)
    {
        using var guarded = new Guarded(NoRetries);
        for (var i = 0; i < 100; i++)
            await guarded.SucceedAsync();
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(2), guarded.Time);
        var calls = Enumerable.Range(0, 5).Select(_ => CallAsync(guarded, isBatch, deadline.Token)).ToArray();
        for (var i = 0; i < calls.Length; i++)
            await guarded.Store.NextAsync();

        guarded.Time.Advance(TimeSpan.FromSeconds(2));

        foreach (var call in calls)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(CircuitState.Open, guarded.State.Circuit);
    }

    [Fact]
    public async Task Part_of_a_batch_is_a_response()
    {
        using var guarded = new Guarded(NoRetries);
        for (var i = 0; i < 100; i++)
            await guarded.SucceedAsync();
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(2), guarded.Time);
        var first = CallAsync(guarded, isBatch: true, Cancel.Token);
        var part = await guarded.Store.NextAsync();
        var others = Enumerable.Range(0, 5).Select(_ => CallAsync(guarded, isBatch: true, deadline.Token)).ToArray();
        for (var i = 0; i < others.Length; i++)
            await guarded.Store.NextAsync();
        guarded.Time.Advance(TimeSpan.FromSeconds(1.9));

        part.SetResult();
        var next = await guarded.Store.NextAsync();
        guarded.Time.Advance(TimeSpan.FromSeconds(0.1));

        foreach (var call in others)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(CircuitState.Closed, guarded.State.Circuit);
        next.SetResult();
        await first;
    }

    [Fact]
    public async Task Reads_that_hang_until_their_deadline_open_the_circuit()
    {
        using var guarded = new Guarded();
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(2), guarded.Time);
        var reads = Enumerable.Range(0, 5).Select(_ => guarded.ReadAsync(deadline.Token)).ToArray();
        for (var i = 0; i < reads.Length; i++)
            await guarded.Store.NextAsync();

        guarded.Time.Advance(TimeSpan.FromSeconds(2));

        foreach (var read in reads)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
        Assert.Equal(CircuitState.Open, guarded.State.Circuit);
    }

    [Fact]
    public async Task Reads_canceled_early_do_not_open_the_circuit()
    {
        using var guarded = new Guarded();
        using var leave = new CancellationTokenSource();
        var reads = Enumerable.Range(0, 20).Select(_ => guarded.ReadAsync(leave.Token)).ToArray();
        for (var i = 0; i < reads.Length; i++)
            await guarded.Store.NextAsync();
        guarded.Time.Advance(TimeSpan.FromSeconds(0.4));

        await leave.CancelAsync();

        foreach (var read in reads)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
        Assert.Equal(CircuitState.Closed, guarded.State.Circuit);
    }

    [Theory]
    [InlineData(UserStoreFailure.Throttled)]
    [InlineData(UserStoreFailure.Refused)]
    [InlineData(UserStoreFailure.Behind)]
    public async Task Failures_reported_by_a_responding_store_do_not_open_the_circuit(UserStoreFailure failure)
    {
        using var guarded = new Guarded(NoRetries);

        for (var i = 0; i < 20; i++)
            await guarded.FailAsync(new UserStoreException(failure, "no"));

        Assert.Equal(CircuitState.Closed, guarded.State.Circuit);
    }

    [Fact]
    public async Task One_failing_range_of_two_does_not_open_the_circuit()
    {
        // The retry delays are so short that all attempts fall into one sampling window.
        using var guarded = new Guarded(new StoreGuardOptions { ReadDeadline = TimeSpan.FromMilliseconds(16) });
        for (var i = 0; i < 20; i++)
        {
            await guarded.SucceedAsync();
            var failed = guarded.ReadAsync();
            (await guarded.Store.NextAsync()).SetException(Guarded.Unavailable);
            for (var attempt = 1; attempt < 4; attempt++)
                (await guarded.NextAfterPauseAsync(stepInMilliseconds: 2)).SetException(Guarded.Unavailable);
            await Assert.ThrowsAsync<UserStoreException>(() => failed);
        }

        Assert.Equal(CircuitState.Closed, guarded.State.Circuit);
    }

    [Fact]
    public async Task Queued_reads_are_rejected_when_the_circuit_opens()
    {
        using var guarded = new Guarded(new StoreGuardOptions { Concurrency = 2, Queue = 10, Retries = 0, FewestAttempts = 2 });
        var reads = Enumerable.Range(0, 6).Select(_ => guarded.ReadAsync()).ToArray();
        var first = await guarded.Store.NextAsync();
        var second = await guarded.Store.NextAsync();

        first.SetException(Guarded.Unavailable);
        var third = await guarded.Store.NextAsync(); // the circuit is still closed: the queued read takes the permit
        second.SetException(Guarded.Unavailable);

        foreach (var refused in reads[3..])
        {
            var refusal = await Assert.ThrowsAsync<UserStoreException>(() => refused);
            Assert.NotSame(Guarded.Unavailable, refusal);
            Assert.NotNull(refusal.RetryAfter);
        }

        Assert.Equal(3, guarded.Store.Reads);
        third.SetResult();
        await reads[2];
    }

    [Fact]
    public async Task Clock_set_back_does_not_keep_the_circuit_open()
    {
        using var guarded = new Guarded(NoRetries);
        await guarded.OpenAsync();

        guarded.Time.SetBack(TimeSpan.FromHours(1));
        guarded.Time.Advance(TimeSpan.FromSeconds(1));

        await guarded.SucceedAsync();
        Assert.Equal(CircuitState.Closed, guarded.State.Circuit);
    }

    private static async Task CallAsync(Guarded guarded, bool isBatch, CancellationToken cancellationToken)
    {
        if (isBatch)
            await guarded.Front.ReadManyAsync([UserKey.Create("ada"), UserKey.Create("bob")], _ => { }, cancellationToken);
        else
            await guarded.Front.FindAsync(new AlternateKey("/email", "a"), 2, cancellationToken);
    }
}
