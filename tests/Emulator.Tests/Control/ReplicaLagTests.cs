using System.Text.Json;
using Microsoft.Extensions.Time.Testing;

namespace Lookup.Emulator.Tests.Control;

public sealed class ReplicaLagTests
{
    private const int Versions = 20;

    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Read_without_a_session_token_may_be_old_but_not_older_than_the_lag()
    {
        await using var own = await WithVersionsAsync();
        await own.Control.SetLagAsync(maxMs: 500, seed: 1);

        var versions = await ReadAsync(own, times: 40, token: null);

        Assert.True(versions.Distinct().Count() > 2, "The reads returned too few different states.");
        Assert.All(versions, version => Assert.InRange(version, Versions - 7, Versions - 1));
    }

    [Fact]
    public async Task Read_with_a_session_token_is_never_older_than_the_token()
    {
        await using var own = await WithVersionsAsync();
        await own.Control.SetLagAsync(maxMs: 2000, seed: 1);

        // Version n was written at LSN n + 1.
        Assert.All(await ReadAsync(own, times: 40, token: "0:-1#18"), version => Assert.True(version >= 17));
        Assert.All(await ReadAsync(own, times: 10, token: $"0:-1#{Versions}"), version => Assert.Equal(Versions - 1, version));
    }

    [Fact]
    public async Task Reads_with_the_same_seed_return_the_same_states()
    {
        await using var own = await WithVersionsAsync();
        await own.Control.SetLagAsync(maxMs: 1500, seed: 7);
        var first = await ReadAsync(own, times: 20, token: null);
        await own.Control.SetLagAsync(maxMs: 1500, seed: 7);

        Assert.Equal(first, await ReadAsync(own, times: 20, token: null));
    }

    [Fact]
    public async Task Read_as_of_a_time_before_a_creation_or_deletion_returns_the_earlier_state()
    {
        await using var own = await OwnEmulator.StartAsync(new CosmosEmulatorOptions { TimeProvider = _clock });
        await own.Container.CreateItemAsync(UserItem.Number(1), new("u1"), cancellationToken: Cancellation);
        _clock.Advance(TimeSpan.FromSeconds(10));
        await own.Container.DeleteItemAsync<UserItem>("u1", new("u1"), cancellationToken: Cancellation);
        await own.Container.CreateItemAsync(UserItem.Number(2), new("u2"), cancellationToken: Cancellation);
        await own.Control.SetLagAsync(maxMs: 5000, seed: 3);

        Assert.Equal(200, await StatusAsync(own, "u1"));
        Assert.Equal(404, await StatusAsync(own, "u2"));
        await own.Control.SetLagAsync(maxMs: 0, seed: 0);
        Assert.Equal(404, await StatusAsync(own, "u1"));
        Assert.Equal(200, await StatusAsync(own, "u2"));
    }

    [Fact]
    public async Task Feed_poll_without_a_session_token_can_see_a_change_late_but_never_loses_it()
    {
        await using var own = await WithVersionsAsync();
        await own.Control.SetLagAsync(maxMs: 5000, seed: 5);

        var (status, _, response) = await own.Raw.SendAsync(
            "GET", $"{own.Path}/docs", headers: [("A-IM", "Incremental feed"), ("If-None-Match", $"\"{Versions - 1}\"")]);
        Assert.Equal(304, (int)status);
        var continuation = response.Headers.ETag!.Tag;
        _clock.Advance(TimeSpan.FromSeconds(6));
        var (later, body, _) = await own.Raw.SendAsync(
            "GET", $"{own.Path}/docs", headers: [("A-IM", "Incremental feed"), ("If-None-Match", continuation)]);

        Assert.Equal(200, (int)later);
        Assert.Equal(1, JsonDocument.Parse(body).RootElement.GetProperty("_count").GetInt32());
    }

    /// <summary>Tests that a poll that reports "no more changes" has returned all changes up to its position, despite later writes.</summary>
    [Fact]
    public async Task Feed_poll_returns_a_version_that_was_replaced_after_the_position_of_the_page()
    {
        await using var own = await WithVersionsAsync();
        await own.Control.SetLagAsync(maxMs: 1500, seed: 9);

        var seen = new List<long>();
        for (var i = 0; i < 20; i++)
        {
            var (status, body, response) = await own.Raw.SendAsync(
                "GET", $"{own.Path}/docs", headers: [("A-IM", "Incremental feed"), ("If-None-Match", "\"1\"")]);

            Assert.Equal(200, (int)status);
            var item = JsonDocument.Parse(body).RootElement.GetProperty("Documents").EnumerateArray().Single();
            Assert.Equal(response.Headers.ETag!.Tag, $"\"{item.GetProperty("_lsn").GetInt64()}\"");
            Assert.Equal(item.GetProperty("_lsn").GetInt64(), item.GetProperty("version").GetInt64() + 1);
            seen.Add(item.GetProperty("_lsn").GetInt64());
        }

        Assert.True(seen.Distinct().Count() > 2, "The polls returned too few different states.");
    }

    [Fact]
    public async Task Feed_poll_omits_a_user_deleted_up_to_the_position_and_recreated_after_it()
    {
        await using var own = await OwnEmulator.StartAsync(new CosmosEmulatorOptions { TimeProvider = _clock });
        await own.Container.CreateItemAsync(UserItem.Number(1), new("u1"), cancellationToken: Cancellation);
        await own.Container.CreateItemAsync(UserItem.Number(2), new("u2"), cancellationToken: Cancellation);
        await own.Container.DeleteItemAsync<UserItem>("u1", new("u1"), cancellationToken: Cancellation);
        _clock.Advance(TimeSpan.FromSeconds(10));
        await own.Container.CreateItemAsync(UserItem.Number(1), new("u1"), cancellationToken: Cancellation);
        await own.Control.SetLagAsync(maxMs: 5000, seed: 3);

        var (status, body, response) = await own.Raw.SendAsync(
            "GET", $"{own.Path}/docs", headers: [("A-IM", "Incremental feed"), ("If-None-Match", "\"0\"")]);

        Assert.Equal((200, "\"3\""), ((int)status, response.Headers.ETag!.Tag));
        Assert.Equal("u2", JsonDocument.Parse(body).RootElement.GetProperty("Documents").EnumerateArray().Single().GetProperty("id").GetString());
    }

    // Writes twenty versions of one user, a tenth of a second apart, and then advances the clock by another tenth.
    private async Task<OwnEmulator> WithVersionsAsync()
    {
        var own = await OwnEmulator.StartAsync(new CosmosEmulatorOptions { TimeProvider = _clock });
        for (var version = 0; version < Versions; version++)
        {
            await own.Container.UpsertItemAsync(UserItem.Number(1) with { version = version }, new("u1"), cancellationToken: Cancellation);
            _clock.Advance(TimeSpan.FromMilliseconds(100));
        }

        return own;
    }

    private static async Task<int> StatusAsync(OwnEmulator own, string id) =>
        (int)(await own.Raw.SendAsync("GET", $"{own.Path}/docs/{id}", headers: ("x-ms-documentdb-partitionkey", $"[\"{id}\"]"))).Status;

    private static async Task<List<int>> ReadAsync(OwnEmulator own, int times, string? token)
    {
        var versions = new List<int>();
        for (var i = 0; i < times; i++)
        {
            (string, string)[] headers = [("x-ms-documentdb-partitionkey", "[\"u1\"]"), .. token is null ? Array.Empty<(string, string)>() : [("x-ms-session-token", token)]];
            var (_, body, _) = await own.Raw.SendAsync("GET", $"{own.Path}/docs/u1", headers: headers);
            versions.Add(JsonDocument.Parse(body).RootElement.GetProperty("version").GetInt32());
        }

        return versions;
    }
}
