using System.Net;
using System.Text.Json;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Caching.Memory;

namespace Lookup.Benchmarks.Http.Servers;

/// <summary>The cache-aside sample: a memory cache with a time to live in front of a point read, and an object as the response.</summary>
internal static class CacheAsideSample
{
    private static readonly TimeSpan TimeToLive = TimeSpan.FromMinutes(30); // longer than a measurement, so that only hits are measured

    public static async Task<int> RunAsync(string connection, string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.Services.AddMemoryCache();
        builder.Services.AddSingleton(_ => Connect(connection));
        await using var app = builder.Build();
        app.MapGet("/api/users/{id}", GetAsync);
        await app.RunAsync();
        return 0;
    }

    private static async Task<IResult> GetAsync(string id, IMemoryCache cache, Container users)
    {
        var user = await cache.GetOrCreateAsync(id, async entry =>
        {
            entry.AbsoluteExpirationRelativeToNow = TimeToLive;
            try
            {
                return (await users.ReadItemAsync<User>(id, new PartitionKey(id))).Resource;
            }
            catch (CosmosException e) when (e.StatusCode == HttpStatusCode.NotFound)
            {
                return null;
            }
        });
        return user is null ? Results.NotFound() : Results.Ok(user);
    }

    private static Container Connect(string connection)
    {
        Environment.SetEnvironmentVariable("COSMOS_DISABLE_IMDS_ACCESS", "true");
        var client = new CosmosClient(connection, new CosmosClientOptions
        {
            ConnectionMode = ConnectionMode.Gateway,
            LimitToEndpoint = true,
            UseSystemTextJsonSerializerWithOptions = JsonSerializerOptions.Web,
        });
        return client.GetContainer("lookup", "users");
    }
}
