using Lookup.Domain.Stores;
using Lookup.Domain.Users;
using Lookup.Functions.Resilience;
using Lookup.Support;

namespace Lookup.Functions.Tests.Resilience;

public sealed class BulkheadTests
{
    private static readonly StoreGuardOptions TwoAndOne = new() { Concurrency = 2, Queue = 1 };

    [Fact]
    public async Task Full_queue_rejects_immediately_and_all_other_reads_complete()
    {
        using var guarded = new Guarded(TwoAndOne);
        var reads = new[] { guarded.ReadAsync(), guarded.ReadAsync(), guarded.ReadAsync() };
        Assert.Equal((2, 1), (guarded.State.InFlight, guarded.State.Queued));

        var refusal = await guarded.BeRefusedAsync(UserStoreFailure.Overloaded);

        Assert.Equal(TimeSpan.FromSeconds(1), refusal.RetryAfter);
        Assert.Contains("Lookup__StoreConcurrency", refusal.Message);
        Assert.Equal(1, guarded.State.Shed);
        Assert.All(reads, read => Assert.False(read.IsCompleted));
        for (var i = 0; i < reads.Length; i++)
            (await guarded.Store.NextAsync()).SetResult();
        await Task.WhenAll(reads);
        await IsIdleAsync(guarded);
        await guarded.SucceedAsync();
    }

    [Fact]
    public async Task ReadMany_and_Find_take_bulkhead_permits()
    {
        using var guarded = new Guarded(new StoreGuardOptions { Concurrency = 1, Queue = 0 });
        var many = guarded.Front.ReadManyAsync([UserKey.Create("ada")], _ => { }, Cancel.Token).AsTask();
        await guarded.BeRefusedAsync(UserStoreFailure.Overloaded);
        (await guarded.Store.NextAsync()).SetResult();
        await many;

        var find = guarded.Front.FindAsync(new AlternateKey("/email", "a"), 2, Cancel.Token).AsTask();
        await guarded.BeRefusedAsync(UserStoreFailure.Overloaded);
        var another = await Assert.ThrowsAsync<UserStoreException>(
            async () => await guarded.Front.ReadManyAsync([UserKey.Create("eve")], _ => { }, Cancel.Token));
        (await guarded.Store.NextAsync()).SetResult();
        await find;

        Assert.Equal(UserStoreFailure.Overloaded, another.Failure);
        Assert.Equal(2, guarded.Store.Reads);
    }

    [Fact]
    public async Task Canceled_reads_release_their_bulkhead_permit_and_queue_slot()
    {
        using var guarded = new Guarded(TwoAndOne);
        using var impatient = new CancellationTokenSource();
        var stays = guarded.ReadAsync();
        var held = await guarded.Store.NextAsync();
        var inStore = guarded.ReadAsync(impatient.Token);
        await guarded.Store.NextAsync();
        var inQueue = guarded.ReadAsync(impatient.Token);

        await impatient.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => inStore);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => inQueue);
        Assert.Equal(2, guarded.Store.Reads);
        Assert.Equal((1, 0), (guarded.State.InFlight, guarded.State.Queued));
        held.SetResult();
        await stays;
        await IsIdleAsync(guarded);
    }

    [Fact]
    public async Task Permits_and_queue_slots_are_released_however_reads_end()
    {
        using var guarded = new Guarded(new StoreGuardOptions { Concurrency = 4, Queue = 4, Retries = 0, FewestAttempts = int.MaxValue });
        for (var round = 0; round < 50; round++)
        {
            using var impatient = new CancellationTokenSource();
            var reads = Enumerable.Range(0, 12).Select(i => guarded.ReadAsync(i % 3 == 0 ? impatient.Token : Cancel.Token)).ToArray();
            (await guarded.Store.NextAsync()).SetResult();
            (await guarded.Store.NextAsync()).SetException(Guarded.Unavailable);
            await impatient.CancelAsync();
            while (!Array.TrueForAll(reads, read => read.IsCompleted))
            {
                // The held reads of the first four, and the queued reads that followed them, in any order.
                guarded.Store.ReleaseAll();
                await Task.Yield();
            }

            Assert.Equal((0, 0), (guarded.State.InFlight, guarded.State.Queued));
            foreach (var read in reads)
                _ = read.Exception;
        }
    }

    private static Task IsIdleAsync(Guarded guarded) =>
        Eventually.IsTrueAsync(() => guarded.State is { InFlight: 0, Queued: 0 }, "no read is in flight or queued");
}
