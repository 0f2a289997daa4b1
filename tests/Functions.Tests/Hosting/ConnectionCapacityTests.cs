using CsCheck;
using Lookup.Functions.Hosting;
using Lookup.Functions.Http;
using static Lookup.Functions.Tests.Hosting.TestSettings;

namespace Lookup.Functions.Tests.Hosting;

/// <summary>Tests of the number of connections that follows from the limits of the process.</summary>
public sealed class ConnectionCapacityTests
{
    private const long MiB = 1 << 20;

    /// <summary>The connections to the store with the default settings.</summary>
    private const int ToStore = 256;

    [Theory]
    [InlineData(600, 16, 16)]
    [InlineData(1_024, 384, 384)]
    [InlineData(2_048, 1_408, 1_408)]
    [InlineData(4_096, 3_456, 3_456)]
    [InlineData(20_000, 16_384, 19_360)]
    [InlineData(1_048_576, 16_384, 1_000_000)]
    [InlineData(null, 16_384, 1_000_000)]
    public void Handles_leave_room_for_the_process_the_store_and_health_requests(int? handles, int byDefault, int max)
    {
        var capacity = ConnectionCapacity.Of(new MachineLimits(64 * 1024 * MiB, handles), ToStore);

        Assert.Equal((byDefault, max), (capacity.Default, capacity.Max));
    }

    [Theory]
    [InlineData(48, 16, 16)]
    [InlineData(96, 1_024, 1_024)] // a container of 128 MiB
    [InlineData(192, 3_072, 4_096)] // 256 MiB
    [InlineData(384, 6_144, 10_240)]
    [InlineData(768, 12_288, 22_528)]
    [InlineData(1_536, 16_384, 47_104)]
    public void Idle_connections_take_a_quarter_of_the_memory_by_default_and_at_most_half_of_what_the_process_leaves(int mebibytes, int byDefault, int max)
    {
        var capacity = ConnectionCapacity.Of(new MachineLimits(mebibytes * MiB, null), ToStore);

        Assert.Equal((byDefault, max), (capacity.Default, capacity.Max));
        Assert.InRange((long)capacity.Default * ConnectionCapacity.BytesPerConnection, 0, mebibytes * MiB / 4);
    }

    [Fact]
    public void Neither_the_handles_nor_the_memory_are_exceeded_for_any_limits() =>
        Gen.Select(Gen.Long[0, 1L << 42], Gen.Int[0, 2_000_000], Gen.Int[64, 40_000]).Sample((memory, handles, toStore) =>
        {
            var capacity = ConnectionCapacity.Of(new MachineLimits(memory, handles), toStore);
            var more = ConnectionCapacity.Of(new MachineLimits(memory + 1_000_000, handles + 1_000), toStore);
            var left = handles - capacity.Max - ConnectionGuard.Reserve - toStore - ConnectionCapacity.OwnHandles;

            return capacity.Default >= ConnectionCapacity.Fewest
                && capacity.Default <= capacity.Max
                && capacity.Default <= RequestLimits.MaxConnections
                && (left >= 0 || (capacity.IsTooSmall && capacity.Max == ConnectionCapacity.Fewest))
                && (capacity.Max == ConnectionCapacity.Fewest || (long)capacity.Max * ConnectionCapacity.BytesPerConnection <= (memory - ConnectionCapacity.OwnBytes) / 2)
                && more.Default >= capacity.Default
                && more.Max >= capacity.Max;
        });

    [Fact]
    public void Setting_above_what_is_possible_is_lowered_with_a_warning()
    {
        var limits = new MachineLimits(64 * 1024 * MiB, 2_048);

        var lowered = Read(limits, ("Lookup__MaxConnections", "16384"), ("Lookup__MaxConnectionsPerAddress", "16000")).Connections;
        var kept = Read(limits, ("Lookup__MaxConnections", "1000"), ("Lookup__MaxConnectionsPerAddress", "900")).Connections;
        var byDefault = Read(limits).Connections;
        var alone = Read(limits, ("Lookup__MaxConnectionsPerAddress", "1400")).Connections;

        Assert.Equal((1_408, 1_408), (lowered.Max, lowered.MaxPerAddress));
        Assert.Equal(
            "Lookup__MaxConnections is 16384, but at most 1408 connections are possible:"
            + " the process can open 2048 handles (ulimit -n), and needs some for itself and for the store",
            lowered.Warning);
        Assert.Equal(new ConnectionSettings { Max = 1_000, MaxPerAddress = 900, Warning = null }, kept);
        Assert.Equal(new ConnectionSettings { Max = 1_408, MaxPerAddress = 1_232, Warning = null }, byDefault);
        Assert.Equal(1_400, alone.MaxPerAddress);
    }

    [Fact]
    public void Memory_is_named_if_it_is_the_limit() => Assert.Equal(
        "Lookup__MaxConnections is 16384, but at most 1024 connections are possible: the process has 96 MiB of memory, and needs some for itself, for the cache and for requests",
        Read(new MachineLimits(96 * MiB, 1_048_576), ("Lookup__MaxConnections", "16384")).Connections.Warning);

    [Fact]
    public void Too_few_handles_are_a_warning_without_any_setting() => Assert.Equal(
        "Only 16 connections are accepted, and even these may fail: the process can open 512 handles (ulimit -n), and needs some for itself and for the store",
        Read(new MachineLimits(64 * 1024 * MiB, 512)).Connections.Warning);

    [Fact]
    public void Connections_to_the_store_follow_its_concurrency() =>
        Assert.Equal(20_000 - 320 - 4_000 - 64, Read(new MachineLimits(64 * 1024 * MiB, 20_000), ("Lookup__StoreConcurrency", "1000")).Connections.Max);

    [Theory]
    [InlineData("Max open files            1024                 4096                 files     ", 1_024L)]
    [InlineData("Max open files            unlimited            unlimited            files     ", null)]
    [InlineData("Max processes             94000                94000                processes ", null)]
    public void Limit_of_handles_is_read_from_the_limits_of_the_process(string line, long? expected) =>
        Assert.Equal(expected, MachineLimits.HandlesIn(["Limit                     Soft Limit           Hard Limit           Units     ", line]));
}
