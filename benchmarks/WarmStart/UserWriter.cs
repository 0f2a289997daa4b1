using System.Globalization;
using System.Text;
using Microsoft.Azure.Cosmos;

namespace Lookup.Benchmarks.WarmStart;

/// <summary>The client that writes the users.</summary>
internal sealed class UserWriter(string connection) : IDisposable
{
    private readonly CosmosClient _client = new(connection, new CosmosClientOptions { ConnectionMode = ConnectionMode.Gateway, LimitToEndpoint = true });
    private int _version;

    public static string IdOf(int user) => string.Create(CultureInfo.InvariantCulture, $"u{user}");

    /// <summary>Creates the container and the users.</summary>
    public async Task PopulateAsync(int users, CancellationToken cancellationToken)
    {
        Database database = await _client.CreateDatabaseIfNotExistsAsync("lookup", cancellationToken: cancellationToken);
        await database.CreateContainerIfNotExistsAsync("users", "/id", cancellationToken: cancellationToken);
        await Parallel.ForEachAsync(Enumerable.Range(0, users), cancellationToken, async (i, token) => await WriteAsync(i, token));
    }

    /// <summary>Writes a new version of a user of about 500 bytes.</summary>
    public async Task WriteAsync(int user, CancellationToken cancellationToken)
    {
        var id = IdOf(user);
        var json = $$"""{"id":"{{id}}","email":"{{id}}@example.com","version":{{Interlocked.Increment(ref _version)}},"about":"{{new string('x', 400)}}"}""";
        using var body = new MemoryStream(Encoding.UTF8.GetBytes(json));
        using var response = await _client.GetContainer("lookup", "users").UpsertItemStreamAsync(body, new PartitionKey(id), cancellationToken: cancellationToken);
        response.EnsureSuccessStatusCode();
    }

    public void Dispose() => _client.Dispose();
}
