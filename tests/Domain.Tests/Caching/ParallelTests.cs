using CsCheck;
using Lookup.Contracts;
using Lookup.Domain.Caching;
using Lookup.Domain.Caching.Entries;
using Lookup.Domain.Feed;
using Lookup.Domain.Freshness;
using Lookup.Domain.Tests.Caching.Entries;
using Lookup.Domain.Users;
using Lookup.Support;

namespace Lookup.Domain.Tests.Caching;

/// <summary>Tests with real threads. The simulation explores interleavings; these tests explore the memory model.</summary>
public sealed class ParallelTests
{
    private const int Keys = 16;

    [Theory]
    [MemberData(nameof(EntryMemoryTests.Policies), MemberType = typeof(EntryMemoryTests))]
    public void Concurrent_operations_are_linearizable(EvictionPolicy policy)
    {
        Gen.Const(() => new World(policy)).SampleParallel(
            Gen.Int[0, Keys - 1].Operation<World>((world, key) => world.WriteAndEvict(key)),
            Gen.Int[0, Keys - 1].Operation<World>((world, key) => world.Get(key)),
            Gen.Int[0, Keys - 1].Operation<World>((world, key) => world.Evict(key)),
            Gen.Const(0).Operation<World>((world, _) => world.Cache.Clear()),
            equal: (one, other) => one.GetAll().SequenceEqual(other.GetAll()),
            iter: 100,
            threads: 4);
    }

    [Theory]
    [MemberData(nameof(EntryMemoryTests.Policies), MemberType = typeof(EntryMemoryTests))]
    public void Any_sequence_of_operations_returns_what_the_database_would(EvictionPolicy policy)
    {
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, Keys - 1]).Array[1, 200].Sample(
            steps =>
            {
                using var world = new World(policy);
                var model = new int[Keys];
                foreach (var (operation, key) in steps)
                {
                    switch (operation)
                    {
                        case 0:
                            world.WriteAndEvict(key);
                            model[key]++;
                            break;
                        case 1:
                            world.Evict(key);
                            break;
                        case 2 when key == 0:
                            world.Cache.Clear();
                            break;
                        default:
                            if (world.Get(key) != model[key])
                                return false;
                            break;
                    }
                }

                return true;
            },
            iter: 500);
    }

    [Theory]
    [MemberData(nameof(EntryMemoryTests.Policies), MemberType = typeof(EntryMemoryTests))]
    public void Concurrent_readers_never_see_an_evicted_or_an_older_version(EvictionPolicy policy)
    {
        using var world = new World(policy);
        var retired = new int[Keys]; // requests that start from now on must not see versions below these
        var writersLeft = 2;
        string? broken = null;

        var began = TimeProvider.System.GetTimestamp();
        var writers = Enumerable.Range(0, 2).Select(writer => new Thread(() =>
        {
            for (var i = 0; i < 60_000 || ReadersArePending(); i++)
            {
                var key = (i * 2 % Keys) + writer; // each key has one writer
                Volatile.Write(ref retired[key], world.WriteAndEvict(key));
            }

            Interlocked.Decrement(ref writersLeft);
        }));
        var readers = Enumerable.Range(0, 4).Select(reader => new Thread(() =>
        {
            var seen = new int[Keys];
            for (var i = reader; Volatile.Read(ref writersLeft) > 0 && broken is null; i++)
            {
                var key = i % Keys;
                var min = Math.Max(seen[key], Volatile.Read(ref retired[key]));
                var version = world.Get(key);
                if (version < min)
                    broken = $"key {key}: got version {version} after {min} had been seen or retired";
                seen[key] = version;
            }
        }));
        var threads = writers.Concat(readers).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());

        Assert.Null(broken);
        Assert.Equal(0, world.Cache.GetStatistics().Flights);
        Assert.Equal(world.Versions, world.GetAll());
        Assert.True(world.HasHit, "The run contained no hits.");

        // On a busy machine, the readers might not be scheduled before the writers have finished.
        bool ReadersArePending() => !world.HasHit && broken is null && TimeProvider.System.GetElapsedTime(began) < Eventually.Limit;
    }

    /// <summary>A cache over a fake database, driven from many threads.</summary>
    private sealed class World : IDisposable
    {
        private readonly FakeDatabase _database = new();
        private readonly int[] _versions = new int[Keys];
        private int _lookups;
        private bool _hasHit;

        public World(EvictionPolicy policy)
        {
            var freshness = new FreshnessTracker(TimeProvider.System);
            var options = new UserCacheOptions
            {
                MaxStaleness = TimeSpan.FromHours(1),
                MaxUnseenDelete = null,
                ReadDeadline = TimeSpan.FromMinutes(1), // results are immediate, but a busy machine can delay the waiting thread
                EvictionPolicy = policy,
            };
            var budget = MemoryBudget.FromTotal(options.SizeBytes) with { EntryBytes = Keys * 410 }; // capacity for most users
            Cache = new UserCache(_database, freshness, options, TimeProvider.System, budget);
            _database.AfterRead = async _ => await Task.Yield(); // the result arrives on another thread
        }

        public UserCache Cache { get; }

        /// <summary>Gets a value that indicates whether a lookup was served from the cache.</summary>
        public bool HasHit => Volatile.Read(ref _hasHit);

        /// <summary>Gets the versions in the database. An unknown user has version 0.</summary>
        public int[] Versions => _versions;

        public int WriteAndEvict(int key)
        {
            int version;
            lock (_versions)
            {
                version = ++_versions[key];
                _database.UpsertAsync(Id(key), null, version, CancellationToken.None).GetAwaiter().GetResult();
            }

            Evict(key);
            return version;
        }

        public void Evict(int key) => Cache.Evict(new UserChange(UserKey.Create(Id(key)), 0, []), EvictionSource.Follower);

        public int Get(int key) =>
            Math.Max(0, LookUp(UserKey.Create(Id(key))).Version());

        /// <summary>Looks a user up. Every second call tries the cache first, as the HTTP function does.</summary>
        private LookupResult LookUp(UserKey user)
        {
            if (Interlocked.Increment(ref _lookups) % 2 != 0 || !Cache.TryGet(user, default, out var result))
                return Cache.GetAsync(user, default, CancellationToken.None).AsTask().GetAwaiter().GetResult();

            if (!HasHit)
                Volatile.Write(ref _hasHit, true);
            return result;
        }

        public int[] GetAll() => [.. Enumerable.Range(0, Keys).Select(Get)];

        public void Dispose() => Cache.Dispose();

        private static string Id(int key) => $"u{key}";
    }
}
