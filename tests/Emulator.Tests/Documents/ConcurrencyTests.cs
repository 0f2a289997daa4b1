using System.Net;
using System.Text.Json;
using Microsoft.Azure.Cosmos;

namespace Lookup.Emulator.Tests.Documents;

public sealed class ConcurrencyTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Read_during_writes_is_never_older_than_the_LSN_it_reports()
    {
        // Bypasses HTTP, so that a read and a write can overlap within the few instructions that matter.
        const int Versions = 100_000;
        using var definition = JsonDocument.Parse("""{"id":"c","partitionKey":{"paths":["/id"]}}""");
        using var body = JsonDocument.Parse("""{"id":"u1"}""");
        var properties = Storage.ContainerProperties.Read(definition.RootElement, "db", "rid", default);
        var documents = new Storage.Container(properties, ranges: 1, budget: null, TimeProvider.System, new Storage.TimeToLiveDelay()).Documents;
        var incoming = Storage.IncomingDocument.Read(body.RootElement, properties.KeyPath, null);
        documents.Write(incoming, Storage.WriteMode.Upsert, null);
        var writer = Task.Run(
            () =>
            {
                for (var version = 0; version < Versions; version++) documents.Write(incoming, Storage.WriteMode.Upsert, null);
            },
            Cancellation);

        await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(
            () =>
            {
                while (!writer.IsCompleted)
                {
                    var (document, _, position) = documents.Read(incoming.Key);
                    Assert.True(document!.Lsn >= position.Lsn, $"Version {document.Lsn} was read at LSN {position.Lsn}.");
                }
            },
            Cancellation)));

        await writer;
    }

    [Fact]
    public async Task Concurrent_creations_of_one_document_succeed_once()
    {
        await using var own = await OwnEmulator.StartAsync();

        var statuses = await Task.WhenAll(Enumerable.Range(0, 50).Select(async number => (await own.Raw.SendAsync(
            "POST", $"{own.Path}/docs", $$"""{"id":"u1","userId":"u1","n":{{number}}}""")).Status));

        Assert.Single(statuses, HttpStatusCode.Created);
        Assert.Equal(49, statuses.Count(status => status == HttpStatusCode.Conflict));
    }

    [Fact]
    public async Task Pull_during_writes_splits_and_merges_ends_with_the_latest_version_of_every_document()
    {
        const int Users = 40;
        const int Rounds = 25;
        await using var own = await OwnEmulator.StartAsync(new CosmosEmulatorOptions { Ranges = 2 });
        var latest = new Dictionary<string, int>();
        using var feed = own.Container.GetChangeFeedIterator<UserItem>(ChangeFeedStartFrom.Beginning(), ChangeFeedMode.LatestVersion);
        var writers = Task.WhenAll(Enumerable.Range(0, 4).Select(part => Task.Run(
            async () =>
            {
                for (var round = 1; round <= Rounds; round++)
                {
                    for (var number = part; number < Users; number += 4)
                        await own.Container.UpsertItemAsync(UserItem.Number(number) with { version = round }, new($"u{number}"), cancellationToken: Cancellation);
                    if (part == 0 && round % 5 == 0) await own.Control.SplitAsync(own.Container, (await RangesAsync(own))[0]);
                    if (part == 0 && round % 5 == 2 && await RangesAsync(own) is [var first, var second, ..]) await own.Control.MergeAsync(own.Container, first, second);
                }
            },
            Cancellation)));

        for (var isLast = false; ;)
        {
            var page = await feed.ReadNextAsync(Cancellation);
            foreach (var user in page)
            {
                Assert.True(!latest.TryGetValue(user.id, out var before) || before < user.version, $"{user.id} went from {before} to {user.version}.");
                latest[user.id] = user.version;
            }

            if (page.StatusCode != HttpStatusCode.NotModified) continue;
            if (isLast) break;
            isLast = writers.IsCompleted;
        }

        await writers;
        Assert.Equal(Users, latest.Count);
        Assert.All(latest.Values, version => Assert.Equal(Rounds, version));
    }

    private static async Task<string[]> RangesAsync(OwnEmulator own)
    {
        var (_, body, _) = await own.Raw.SendAsync("GET", $"{own.Path}/pkranges");
        return [.. JsonDocument.Parse(body).RootElement.GetProperty("PartitionKeyRanges").EnumerateArray().Select(range => range.GetProperty("id").GetString()!)];
    }
}
