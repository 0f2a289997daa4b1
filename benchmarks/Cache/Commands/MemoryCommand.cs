using System.Globalization;
using Lookup.Domain.Stores;
using Lookup.Domain.Users;
using Microsoft.Extensions.Caching.Memory;

namespace Lookup.Benchmarks.Cache.Commands;

/// <summary>Measures the memory of a cached user of 1,024 bytes beyond its payload, as reported by the garbage collector.</summary>
internal sealed class MemoryCommand(TextWriter output)
{
    private const int BodyBytes = 1024;

    public async Task RunAsync(int users)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"## Memory for each of {users:N0} users with a body of 1,024 bytes"));
        output.WriteLine();
        output.WriteLine("| holder | bytes beyond the body | beyond body, id and entity tag |");
        output.WriteLine("|---|---:|---:|");

        await MeasureAsync("the documents alone, in an array", users, async () =>
        {
            var documents = new (string, UserDocument)[users];
            for (var user = 0; user < users; user++)
                documents[user] = (Population.KeyOf(user).Id, DocumentOf(user));
            return await Task.FromResult<object>(documents);
        });
        await MeasureAsync("MemoryCache of byte arrays", users, async () =>
        {
            var cache = new MemoryCache(new MemoryCacheOptions());
            for (var user = 0; user < users; user++)
                cache.Set(Population.KeyOf(user).Id, new byte[BodyBytes]);
            return await Task.FromResult<object>(cache);
        });
        var estimated = 0.0;
        await MeasureAsync("UserCache", users, async () =>
        {
            var instance = await LookupInstance.StartAsync(new Store(), users);
            for (var user = 0; user < users; user++)
                await instance.Cache.GetAsync(Population.KeyOf(user), default, CancellationToken.None);
            estimated = instance.Cache.GetStatistics() is { } held && held.Entries == users
                ? (double)held.Bytes / users
                : throw new InvalidOperationException("Not all users are cached.");
            return instance;
        });
        output.WriteLine();
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"UserCache estimates {estimated:0} bytes for each of them, the body included: {estimated - BodyBytes:0} beyond it."));
        output.WriteLine();
    }

    private async Task MeasureAsync(string name, int users, Func<Task<object>> fill)
    {
        var before = Collected();
        var held = await fill();
        var each = (double)(Collected() - before) / users;
        GC.KeepAlive(held);
        if (held is IAsyncDisposable disposable)
            await disposable.DisposeAsync();

        // The characters of the id and the tag are also part of the user: two bytes each in a string.
        var key = Population.KeyOf(users / 2).Id.Length * 2;
        var tag = Population.ETagOf(0).Length * 2;
        var withTag = name.StartsWith("MemoryCache", StringComparison.Ordinal) ? 0 : tag;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {name} | {each - BodyBytes:0} | {each - BodyBytes - key - withTag:0} |"));
    }

    private static long Collected()
    {
        for (var i = 0; i < 3; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        return GC.GetTotalMemory(forceFullCollection: true);
    }

    private static UserDocument DocumentOf(int user) =>
        new(new byte[BodyBytes], Population.ETagOf(user), 1, DateTimeOffset.UnixEpoch, []);

    /// <summary>A store in which each user has its own body.</summary>
    private sealed class Store : IUserStore
    {
        public ValueTask<StoreRead> ReadAsync(UserKey key, string? ifNoneMatch, CancellationToken cancellationToken) =>
            new(new StoreRead(
                StoreReadStatus.Found,
                DocumentOf(int.TryParse(key.Id.AsSpan(1), CultureInfo.InvariantCulture, out var user) ? user : 0),
                Lsn: Population.ReplicaLsn,
                RequestCharge: 1));

        public ValueTask ReadManyAsync(IReadOnlyList<UserKey> keys, Action<StoreReadMany> part, CancellationToken cancellationToken) =>
            throw new NotSupportedException("This benchmark reads users one by one.");

        public ValueTask<StoreFind> FindAsync(AlternateKey key, int limit, CancellationToken cancellationToken) =>
            throw new NotSupportedException("This benchmark does not look up alternate keys.");
    }
}
