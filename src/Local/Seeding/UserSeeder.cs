using System.Text.Json;
using Lookup.Local.Samples;
using Microsoft.Azure.Cosmos;

namespace Lookup.Local.Seeding;

/// <summary>The writer of the sample users, through the Cosmos DB SDK.</summary>
internal static class UserSeeder
{
    // Enough to keep every core of a developer machine busy. More would only lengthen the queue of the endpoint.
    private const int Concurrency = 32;

    private static readonly ItemRequestOptions NoContent = new() { EnableContentResponseOnWrite = false };

    /// <summary>Writes users <c>u1</c> to <c>u{count}</c>.</summary>
    /// <param name="container">The container of the users.</param>
    /// <param name="count">The number of users.</param>
    /// <param name="onWritten">Called after each user with the number of users written so far, concurrently from many threads.</param>
    /// <param name="cancellation">Stops the writing. Users that were written remain.</param>
    public static Task WriteAsync(Container container, int count, Action<int> onWritten, CancellationToken cancellation)
    {
        var written = 0;
        var bounds = new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellation };
        return Parallel.ForEachAsync(SampleUsers.Make(count), bounds, async (user, stop) =>
        {
            using var json = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(user, SampleJson.Plain.SampleUser));
            using var response = await container.CreateItemStreamAsync(json, new PartitionKey(user.Id), NoContent, stop);
            response.EnsureSuccessStatusCode();
            onWritten(Interlocked.Increment(ref written));
        });
    }
}
