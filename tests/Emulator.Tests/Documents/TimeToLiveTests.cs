using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Time.Testing;

namespace Lookup.Emulator.Tests.Documents;

public sealed class TimeToLiveTests
{
    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(60, null, 61, false)]
    [InlineData(60, null, 59, true)]
    [InlineData(-1, null, 1_000_000, true)]
    [InlineData(-1, 30, 31, false)]
    [InlineData(60, 30, 31, false)]
    [InlineData(60, 90, 61, true)]
    [InlineData(60, -1, 1_000_000, true)]
    [InlineData(null, 30, 31, true)]
    public async Task Document_expires_after_its_own_TTL_or_else_the_TTL_of_the_container(int? container, int? item, int seconds, bool exists)
    {
        await using var own = await StartAsync(container);
        await own.Container.CreateItemAsync(UserItem.Number(1) with { ttl = item }, new("u1"), cancellationToken: Cancellation);

        _clock.Advance(TimeSpan.FromSeconds(seconds));

        Assert.Equal(exists, await ExistsAsync(own));
        Assert.Equal(exists ? 1 : 0, (await FeedIterators.AllAsync(own.Container.GetItemQueryIterator<UserItem>("SELECT * FROM c"))).Count);
        Assert.Equal(exists ? 1 : 0, (await own.Container.DrainAsync<UserItem>(ChangeFeedStartFrom.Beginning())).Items.Count);
    }

    [Fact]
    public async Task Write_restarts_the_TTL()
    {
        await using var own = await StartAsync(60);
        await SaveAsync(own);
        _clock.Advance(TimeSpan.FromSeconds(40));
        await SaveAsync(own);
        _clock.Advance(TimeSpan.FromSeconds(40));

        Assert.True(await ExistsAsync(own));
        _clock.Advance(TimeSpan.FromSeconds(21));
        Assert.False(await ExistsAsync(own));
    }

    [Fact]
    public async Task Create_after_expiry_succeeds()
    {
        await using var own = await StartAsync(60);
        await SaveAsync(own);
        _clock.Advance(TimeSpan.FromSeconds(61));

        var created = await own.Container.CreateItemAsync(UserItem.Number(1), new("u1"), cancellationToken: Cancellation);

        Assert.Equal(System.Net.HttpStatusCode.Created, created.StatusCode);
    }

    [Fact]
    public async Task Feed_of_all_versions_shows_the_expiry_as_a_deletion_with_its_flag()
    {
        await using var own = await StartAsync(60);
        await SaveAsync(own);
        var (_, continuation) = await own.Container.DrainAsync<ChangeFeedItem<UserItem>>(ChangeFeedStartFrom.Now(), ChangeFeedMode.AllVersionsAndDeletes);
        _clock.Advance(TimeSpan.FromSeconds(61));

        var (changes, _) = await own.Container.DrainAsync<ChangeFeedItem<UserItem>>(
            ChangeFeedStartFrom.ContinuationToken(continuation), ChangeFeedMode.AllVersionsAndDeletes);

        var expiry = Assert.Single(changes).Metadata;
        Assert.Equal((ChangeFeedOperationType.Delete, true, "u1"), (expiry.OperationType, expiry.IsTimeToLiveExpired, expiry.Id));
    }

    [Fact]
    public async Task Change_of_the_container_TTL_applies_to_stored_documents()
    {
        await using var own = await StartAsync(-1);
        await SaveAsync(own);
        _clock.Advance(TimeSpan.FromSeconds(61));
        Assert.True(await ExistsAsync(own));

        var properties = (await own.Container.ReadContainerAsync(cancellationToken: Cancellation)).Resource;
        properties.DefaultTimeToLive = 60;
        await own.Container.ReplaceContainerAsync(properties, cancellationToken: Cancellation);

        Assert.False(await ExistsAsync(own));
    }

    [Fact]
    public async Task Split_keeps_the_TTL_of_moved_documents()
    {
        await using var own = await StartAsync(60);
        await SaveAsync(own);
        await own.Control.SplitAsync(own.Container, "0");
        _clock.Advance(TimeSpan.FromSeconds(61));

        Assert.False(await ExistsAsync(own));
    }

    [Fact]
    public async Task Date_of_a_response_is_that_of_the_clock_that_ends_items()
    {
        await using var own = await StartAsync(60);
        await SaveAsync(own);
        _clock.Advance(TimeSpan.FromSeconds(30));

        using var read = await own.Container.ReadItemStreamAsync("u1", new("u1"), cancellationToken: Cancellation);

        Assert.Equal(_clock.GetUtcNow().ToString("r"), read.Headers["Date"]);
    }

    private static Task SaveAsync(OwnEmulator own) => own.Container.UpsertItemAsync(UserItem.Number(1), new("u1"), cancellationToken: Cancellation);

    private static async Task<bool> ExistsAsync(OwnEmulator own)
    {
        using var read = await own.Container.ReadItemStreamAsync("u1", new("u1"), cancellationToken: Cancellation);
        return read.IsSuccessStatusCode;
    }

    private Task<OwnEmulator> StartAsync(int? defaultTimeToLive) => OwnEmulator.StartAsync(
        new CosmosEmulatorOptions { TimeProvider = _clock }, container: properties => properties.DefaultTimeToLive = defaultTimeToLive);
}
