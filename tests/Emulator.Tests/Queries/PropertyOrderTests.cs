using System.Text;
using Microsoft.Azure.Cosmos;

namespace Lookup.Emulator.Tests.Queries;

public sealed class PropertyOrderTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Query_and_point_read_return_the_same_item_in_different_bytes()
    {
        await using var own = await OwnEmulator.StartAsync();
        using var body = new MemoryStream("""{"name":"x","userId":"u1","id":"u1"}"""u8.ToArray());
        using var written = await own.Container.CreateItemStreamAsync(body, new PartitionKey("u1"), cancellationToken: Cancellation);
        written.EnsureSuccessStatusCode();

        using var read = await own.Container.ReadItemStreamAsync("u1", new PartitionKey("u1"), cancellationToken: Cancellation);
        using var query = own.Container.GetItemQueryStreamIterator("SELECT * FROM c");
        using var page = await query.ReadNextAsync(Cancellation);

        Assert.StartsWith("""{"name":"x","userId":"u1","id":"u1",""", TextOf(read), StringComparison.Ordinal);
        Assert.Contains("""[{"id":"u1","name":"x","userId":"u1",""", TextOf(page), StringComparison.Ordinal);
    }

    private static string TextOf(ResponseMessage response)
    {
        using var reader = new StreamReader(response.Content, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
