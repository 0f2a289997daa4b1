using Lookup.Domain.Caching;
using Lookup.Domain.Users;

namespace Lookup.Domain.Tests.Caching.Flights;

/// <summary>Tests what an eviction keeps out of the cache: reads from before it, and results of replicas that lag behind it.</summary>
public sealed class EvictionTests
{
    [Fact]
    public async Task Evict_during_a_read_keeps_the_old_version_out_of_the_cache()
    {
        await using var instance = new Instance();
        await instance.WriteAsync("u1", 1);
        var (reader, gate) = await HeldReaderAsync(instance);
        await instance.WriteAsync("u1", 2);
        instance.Evict("u1", 2);
        gate.SetResult();

        var old = await reader;
        Assert.Equal((1, false), (old.Version(), old.IsStored));
        var next = await instance.GetAsync("u1");
        Assert.Equal((LookupSource.Miss, 2), (next.Source, next.Version()));
        Assert.Equal(2, (await instance.GetAsync("u1")).Version());
    }

    [Fact]
    public async Task Get_after_an_eviction_does_not_join_the_read_from_before_it()
    {
        await using var instance = new Instance();
        await instance.WriteAsync("u1", 1);
        var (reader, gate) = await HeldReaderAsync(instance);
        await instance.WriteAsync("u1", 2);
        instance.Evict("u1", 2);
        instance.Database.AfterRead = null;
        var second = await instance.GetAsync("u1");
        gate.SetResult();

        Assert.Equal((2, true, false), (second.Version(), second.IsStored, second.IsCollapsed));
        Assert.Equal(1, (await reader).Version());
        var hit = await instance.GetAsync("u1");
        Assert.Equal((LookupSource.Hit, 2), (hit.Source, hit.Version()));
    }

    [Fact]
    public async Task Clear_during_a_read_keeps_its_result_out_of_the_cache()
    {
        await using var instance = new Instance();
        await instance.WriteAsync("u1", 1);
        var (reader, gate) = await HeldReaderAsync(instance);
        instance.Cache.Clear();
        gate.SetResult();

        Assert.False((await reader).IsStored);
        Assert.True(instance.Cache.IsEmpty);
    }

    [Fact]
    public async Task Result_below_the_LSN_of_an_eviction_is_read_again()
    {
        await using var instance = new Instance();
        await instance.WriteAsync("u1", 1);
        await instance.WriteAsync("u1", 2);
        var stale = new UserDocument("{\"id\":\"u1\",\"version\":1}"u8.ToArray(), "\"old\"", 1, default, []);
        var lagging = 3;
        instance.Database.ReplaceResult = (_, read) => lagging-- > 0 ? read with { Document = stale, Lsn = 1 } : read;

        instance.Evict("u1", 2);
        var reader = instance.GetAsync("u1").AsTask();
        await instance.MoveUntilAsync(reader);

        Assert.Equal((2, true), ((await reader).Version(), (await reader).IsStored));
        Assert.Equal(4, instance.Database.Reads);
    }

    [Fact]
    public async Task Revalidation_with_a_version_older_than_the_cached_one_is_read_again()
    {
        await using var instance = new Instance();
        await instance.WriteAsync("u1", 1);
        await instance.WriteAsync("u1", 2);
        Assert.Equal(2, (await instance.GetAsync("u1")).Version());
        var stale = new UserDocument("{\"id\":\"u1\",\"version\":1}"u8.ToArray(), "\"old\"", 1, default, []);
        var lagging = true;
        instance.Database.ReplaceResult = (_, read) =>
        {
            var result = lagging ? read with { Document = stale, Lsn = 1 } : read;
            lagging = false;
            return result;
        };

        var reader = instance.GetAsync("u1", new ReadDirectives { NoCache = true }).AsTask();
        await instance.MoveUntilAsync(reader);

        Assert.Equal(2, (await reader).Version());
    }

    /// <summary>Starts a lookup whose result is taken from the database and held until the gate is opened.</summary>
    private static async Task<(Task<LookupResult> Reader, TaskCompletionSource Gate)> HeldReaderAsync(Instance instance)
    {
        var (held, gate) = instance.HoldReads();
        var reader = instance.GetAsync("u1").AsTask();
        await held;
        return (reader, gate);
    }
}
