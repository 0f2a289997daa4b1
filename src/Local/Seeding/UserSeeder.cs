using System.Text.Json;
using Lookup.Local.Samples;
using Microsoft.Azure.Cosmos;

namespace Lookup.Local.Seeding;

/// <summary>Writes the sample users through the real SDK, as any other writer would.</summary>
internal static class UserSeeder
{
    // Enough to keep every core of a desk machine busy; more only lengthens the queue in front of the endpoint.
    private const int Concurrency = 32;

    private static readonly ItemRequestOptions NoContent = new() { EnableContentResponseOnWrite = false };

    /// <summary>Writes users <c>u1</c> to <c>u{count}</c>.</summary>
    /// <param name="container">Where they go.</param>
    /// <param name="count">How many.</param>
    /// <param name="onWritten">Told after each user how many are written by now; called from many threads at once.</param>
    /// <param name="cancellation">Ends the writing; what was written stays.</param>
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
