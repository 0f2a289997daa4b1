using Lookup.Functions.Support;
using Lookup.Functions.Tests.Support;

namespace Lookup.Functions.Tests.Users;

public sealed class LargeUserTests
{
    [Fact]
    public async Task User_larger_than_the_cache_is_counted_for_each_lookup_and_logged_once()
    {
        await using var store = await Store.StartAsync();
        await store.PutUserAsync("small");
        await store.PutAsync($$"""{"id":"large","text":"{{new string('x', 1_000_000)}}"}""", "large");
        await store.PutAsync($$"""{"id":"larger","text":"{{new string('x', 1_100_000)}}"}""", "larger");
        var logs = new LogCapture();
        await using var service = await Service.StartAsync(
            store, logs.AddTo, ("Lookup__CacheSizeBytes", "1048576"), ("Logging__LogLevel__Default", "Information"));

        foreach (var id in (string[])["small", "large", "large", "larger", "small"])
            Assert.Equal(200, (int)(await service.GetAsync($"/api/users/{id}")).Status);

        Assert.Equal(3, (await service.GetAsync("/api/stats")).Json.GetProperty("cache").GetProperty("tooLarge").GetInt32());
        var line = Assert.Single(logs.Lines, line => line.Id.Id == 1801).Text;
        Assert.Matches(@"A result of 1000\d{3} bytes is not cached, because the cache holds results of at most \d{6} bytes", line);
        Assert.Contains("Lookup__CacheSizeBytes", line);
    }
}
