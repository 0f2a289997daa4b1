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

/// <summary>Real threads: where the simulation explores orders, these explore memory.</summary>
public sealed class ParallelTests
{
    private const int Keys = 16;

    [Theory]
    [MemberData(nameof(EntryMemoryTests.Policies), MemberType = typeof(EntryMemoryTests))]
    public void Operations_side_by_side_end_as_some_order_of_them_would(EvictionPolicy policy)
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
    public void Any_sequence_of_operations_answers_as_the_database_would(EvictionPolicy policy)
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
    public void Readers_at_full_speed_never_see_what_an_eviction_has_retired_nor_go_back(EvictionPolicy policy)
    {
        using var world = new World(policy);
        var retired = new int[Keys]; // versions below these must not be seen by requests that begin from now on
        var writersLeft = 2;
        string? broken = null;

        var began = TimeProvider.System.GetTimestamp();
        var writers = Enumerable.Range(0, 2).Select(writer => new Thread(() =>
        {
            for (var i = 0; i < 60_000 || ReadersAreToCome(); i++)
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
                var least = Math.Max(seen[key], Volatile.Read(ref retired[key]));
                var version = world.Get(key);
                if (version < least)
                    broken = $"key {key}: got version {version} after {least} had been seen or retired";
                seen[key] = version;
            }
        }));
        var threads = writers.Concat(readers).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());

        Assert.Null(broken);
        Assert.Equal(0, world.Cache.GetStatistics().Flights);
        Assert.Equal(world.Versions, world.GetAll());
        Assert.True(world.HasHit, "the soak was about hits as well");

        // On a busy machine the readers may not have had the processor until the writers are through.
        bool ReadersAreToCome() => !world.HasHit && broken is null && TimeProvider.System.GetElapsedTime(began) < Eventually.Limit;
    }

    /// <summary>A cache over a fake database, driven from many threads.</summary>
    private sealed class World : IDisposable
    {
        private readonly FakeDatabase _database = new();
        private readonly int[] _versions = new int[Keys];
        private int _asked;
        private bool _hasHit;

        public World(EvictionPolicy policy)
        {
            var freshness = new FreshnessTracker(TimeProvider.System);
            var options = new UserCacheOptions
            {
                MaxStaleness = TimeSpan.FromHours(1),
                MaxUnseenDelete = null,
                ReadDeadline = TimeSpan.FromMinutes(1), // results come at once, but a thread that waits for one may have to wait for the processor
                FillFenceWindow = TimeSpan.Zero,
                EvictionPolicy = policy,
            };
            var budget = MemoryBudget.FromTotal(options.SizeBytes) with { EntryBytes = Keys * 410 }; // room for most of them, not for all
            Cache = new UserCache(_database, freshness, options, TimeProvider.System, budget);
            _database.AfterRead = async _ => await Task.Yield(); // the answer arrives on a thread of its own
        }

        public UserCache Cache { get; }

        /// <summary>Memory has answered a request.</summary>
        public bool HasHit => Volatile.Read(ref _hasHit);

        /// <summary>What the database holds; −1 is an unknown user, written as version 0.</summary>
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
            Math.Max(0, Answer(UserKey.Create(Id(key))).Version());

        /// <summary>Every second time from memory first, as the HTTP function asks.</summary>
        private LookupResult Answer(UserKey user)
        {
            if (Interlocked.Increment(ref _asked) % 2 != 0 || !Cache.TryGet(user, default, out var answer))
                return Cache.GetAsync(user, default, CancellationToken.None).AsTask().GetAwaiter().GetResult();

            if (!HasHit)
                Volatile.Write(ref _hasHit, true);
            return answer;
        }

        public int[] GetAll() => [.. Enumerable.Range(0, Keys).Select(Get)];

        public void Dispose() => Cache.Dispose();

        private static string Id(int key) => $"u{key}";
    }
}
