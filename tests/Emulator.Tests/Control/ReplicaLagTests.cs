using System.Text.Json;
using Microsoft.Extensions.Time.Testing;

namespace Lookup.Emulator.Tests.Control;

public sealed class ReplicaLagTests
{
    private const int Versions = 20;

    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Read_without_a_session_token_may_be_old_but_not_older_than_the_lag()
    {
        await using var own = await WithVersionsAsync();
        await own.Control.SetLagAsync(maxMs: 500, seed: 1);

        var versions = await ReadAsync(own, times: 40, token: null);

        Assert.True(versions.Distinct().Count() > 2, "Reads are answered from several states.");
        Assert.All(versions, version => Assert.InRange(version, Versions - 7, Versions - 1));
    }

    [Fact]
    public async Task Read_with_a_session_token_is_never_from_before_it()
    {
        await using var own = await WithVersionsAsync();
        await own.Control.SetLagAsync(maxMs: 2000, seed: 1);

        // Version n was written by LSN n + 1.
        Assert.All(await ReadAsync(own, times: 40, token: "0:-1#18"), version => Assert.True(version >= 17));
        Assert.All(await ReadAsync(own, times: 10, token: $"0:-1#{Versions}"), version => Assert.Equal(Versions - 1, version));
    }

    [Fact]
    public async Task Read_with_the_same_seed_draws_the_same_states()
    {
        await using var own = await WithVersionsAsync();
        await own.Control.SetLagAsync(maxMs: 1500, seed: 7);
        var first = await ReadAsync(own, times: 20, token: null);
        await own.Control.SetLagAsync(maxMs: 1500, seed: 7);

        Assert.Equal(first, await ReadAsync(own, times: 20, token: null));
    }

    [Fact]
    public async Task Read_as_of_before_a_creation_or_a_deletion_sees_the_state_of_then()
    {
        await using var own = await OwnEmulator.StartAsync(new CosmosEmulatorOptions { TimeProvider = _clock });
        await own.Container.CreateItemAsync(UserItem.Number(1), new("u1"), cancellationToken: Cancelled);
        _clock.Advance(TimeSpan.FromSeconds(10));
        await own.Container.DeleteItemAsync<UserItem>("u1", new("u1"), cancellationToken: Cancelled);
        await own.Container.CreateItemAsync(UserItem.Number(2), new("u2"), cancellationToken: Cancelled);
        await own.Control.SetLagAsync(maxMs: 5000, seed: 3);

        Assert.Equal(200, await StatusAsync(own, "u1"));
        Assert.Equal(404, await StatusAsync(own, "u2"));
        await own.Control.SetLagAsync(maxMs: 0, seed: 0);
        Assert.Equal(404, await StatusAsync(own, "u1"));
        Assert.Equal(200, await StatusAsync(own, "u2"));
    }

    [Fact]
    public async Task Feed_poll_without_a_session_token_sees_a_change_later_and_never_loses_it()
    {
        await using var own = await WithVersionsAsync();
        await own.Control.SetLagAsync(maxMs: 5000, seed: 5);

        var (status, _, answer) = await own.Raw.SendAsync(
            "GET", $"{own.Path}/docs", headers: [("A-IM", "Incremental feed"), ("If-None-Match", $"\"{Versions - 1}\"")]);
        Assert.Equal(304, (int)status);
        var continuation = answer.Headers.ETag!.Tag;
        _clock.Advance(TimeSpan.FromSeconds(6));
        var (later, body, _) = await own.Raw.SendAsync(
            "GET", $"{own.Path}/docs", headers: [("A-IM", "Incremental feed"), ("If-None-Match", continuation)]);

        Assert.Equal(200, (int)later);
        Assert.Equal(1, JsonDocument.Parse(body).RootElement.GetProperty("_count").GetInt32());
    }

    /// <summary>A poll that says "no more changes" at a position has shown all that changed up to it, whatever was written after it.</summary>
    [Fact]
    public async Task Feed_poll_shows_a_version_that_was_replaced_after_the_position_of_the_answer()
    {
        await using var own = await WithVersionsAsync();
        await own.Control.SetLagAsync(maxMs: 1500, seed: 9);

        var seen = new List<long>();
        for (var i = 0; i < 20; i++)
        {
            var (status, body, answer) = await own.Raw.SendAsync(
                "GET", $"{own.Path}/docs", headers: [("A-IM", "Incremental feed"), ("If-None-Match", "\"1\"")]);

            Assert.Equal(200, (int)status);
            var item = JsonDocument.Parse(body).RootElement.GetProperty("Documents").EnumerateArray().Single();
            Assert.Equal(answer.Headers.ETag!.Tag, $"\"{item.GetProperty("_lsn").GetInt64()}\"");
            Assert.Equal(item.GetProperty("_lsn").GetInt64(), item.GetProperty("version").GetInt64() + 1);
            seen.Add(item.GetProperty("_lsn").GetInt64());
        }

        Assert.True(seen.Distinct().Count() > 2, "polls are answered from several states");
    }

    [Fact]
    public async Task Feed_poll_does_not_show_a_user_that_was_deleted_up_to_the_position_and_written_again_after_it()
    {
        await using var own = await OwnEmulator.StartAsync(new CosmosEmulatorOptions { TimeProvider = _clock });
        await own.Container.CreateItemAsync(UserItem.Number(1), new("u1"), cancellationToken: Cancelled);
        await own.Container.CreateItemAsync(UserItem.Number(2), new("u2"), cancellationToken: Cancelled);
        await own.Container.DeleteItemAsync<UserItem>("u1", new("u1"), cancellationToken: Cancelled);
        _clock.Advance(TimeSpan.FromSeconds(10));
        await own.Container.CreateItemAsync(UserItem.Number(1), new("u1"), cancellationToken: Cancelled);
        await own.Control.SetLagAsync(maxMs: 5000, seed: 3);

        var (status, body, answer) = await own.Raw.SendAsync(
            "GET", $"{own.Path}/docs", headers: [("A-IM", "Incremental feed"), ("If-None-Match", "\"0\"")]);

        Assert.Equal((200, "\"3\""), ((int)status, answer.Headers.ETag!.Tag));
        Assert.Equal("u2", JsonDocument.Parse(body).RootElement.GetProperty("Documents").EnumerateArray().Single().GetProperty("id").GetString());
    }

    // Twenty versions of one user, a tenth of a second apart; the last is as old as the next would be young.
    private async Task<OwnEmulator> WithVersionsAsync()
    {
        var own = await OwnEmulator.StartAsync(new CosmosEmulatorOptions { TimeProvider = _clock });
        for (var version = 0; version < Versions; version++)
        {
            await own.Container.UpsertItemAsync(UserItem.Number(1) with { version = version }, new("u1"), cancellationToken: Cancelled);
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
