using System.Net;
using System.Text;
using System.Text.Json;
using Lookup.Support;
using Microsoft.Azure.Cosmos;

namespace Lookup.Benchmarks.Load;

/// <summary>The users that are looked up: about a kilobyte each.</summary>
internal static class Users
{
    public static async Task WriteAsync(string connectionString, int count)
    {
        using var client = new CosmosClient(connectionString, new CosmosClientOptions
        {
            ConnectionMode = ConnectionMode.Gateway,
            LimitToEndpoint = true,
            UseSystemTextJsonSerializerWithOptions = JsonSerializerOptions.Web,
        });
        await SucceedsAsync(
            async () =>
            {
                Database database = await client.CreateDatabaseIfNotExistsAsync("lookup");
                await database.CreateContainerIfNotExistsAsync(new ContainerProperties("users", "/id"));
            },
            "the endpoint creates the container");
        var users = client.GetContainer("lookup", "users");
        var about = new string('x', 800);
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (user, token) =>
        {
            using var body = new MemoryStream(Encoding.UTF8.GetBytes(
                $$"""{"id":"u{{user}}","email":"u{{user}}@example.com","displayName":"User {{user}}","version":1,"about":"{{about}}"}"""));
            using var response = await users.UpsertItemStreamAsync(body, new PartitionKey($"u{user}"), cancellationToken: token);
            response.EnsureSuccessStatusCode();
        });
    }

    /// <summary>Requests every user from the service once, so that all are cached, and returns their entity tags.</summary>
    public static async Task<string[]> WarmAsync(IPEndPoint service, int count, string? key = null)
    {
        using var http = new HttpClient { BaseAddress = new Uri($"http://{service}/") };
        if (key is not null)
            http.DefaultRequestHeaders.Add("x-functions-key", key);
        await SucceedsAsync(
            async () => (await http.GetAsync(new Uri("api/health/ready", UriKind.Relative))).EnsureSuccessStatusCode(), "the service is ready");
        var tags = new string[count];
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (user, token) =>
        {
            using var response = await http.GetAsync(new Uri($"api/users/u{user}", UriKind.Relative), token);
            tags[user] = response.EnsureSuccessStatusCode().Headers.ETag!.ToString();
        });
        return tags;
    }

    private static Task SucceedsAsync(Func<Task> attempt, string what) => Eventually.IsTrueAsync(
        async () =>
        {
            try
            {
                await attempt();
                return true;
            }
            catch (Exception e) when (e is HttpRequestException or CosmosException)
            {
                return false;
            }
        },
        what);
}
