using System.Globalization;
using System.Text;
using Lookup.Emulator;
using Lookup.Functions.Cosmos.Partitioning;
using Lookup.Support;
using Microsoft.Azure.Cosmos;

namespace Lookup.Functions.Tests.Cosmos.Partitioning;

public sealed class HashPartitionerTests
{
    /// <summary>Each key has a range of its own, which contains its hash only. The SDK must assign the key to that range.</summary>
    [Fact]
    public async Task Hash_equals_the_one_that_the_SDK_computes()
    {
        var random = new Random(1);
        string[] keys =
        [
            "", "a", "u42", "\0", "\u00ff", "\U0001F600", new string('k', 15), new string('k', 13), new string('k', 2048),
            .. Enumerable.Range(1, 4000).Select(i => RandomText(random, i % 300)),
        ];
        keys = [.. keys.Distinct()];
        UInt128[] bounds = [.. keys.Select(HashPartitioner.HashOf).SelectMany(hash => new[] { hash, hash + 1 }).Distinct().Order()];
        using var service = new RecordingService(bounds);
        using var http = new HttpClient(service);
        using var client = new CosmosClient("http://127.0.0.1:1/", CosmosEmulator.AccountKey, new CosmosClientOptions
        {
            ConnectionMode = ConnectionMode.Gateway,
            LimitToEndpoint = true,
            HttpClientFactory = () => http,
        });
        var users = client.GetContainer("lookup", "users");
        using var first = await users.ReadItemStreamAsync("x", new PartitionKey("first"), cancellationToken: Cancel.Token);

        var wrong = new List<string>();
        foreach (var key in keys)
        {
            using var response = await users.ReadItemStreamAsync("x", new PartitionKey(key), cancellationToken: Cancel.Token);
            if (service.LastRange != Array.BinarySearch(bounds, HashPartitioner.HashOf(key)) + 1)
                wrong.Add(key);
        }

        Assert.Empty(wrong);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(16)]
    public async Task RangeOf_returns_the_range_in_which_the_store_keeps_the_user(int ranges)
    {
        await using var emulator = await CosmosEmulator.StartAsync(new CosmosEmulatorOptions { Ranges = ranges }, Cancel.Token);
        using var client = new CosmosClient(emulator.ConnectionString, new CosmosClientOptions { ConnectionMode = ConnectionMode.Gateway, LimitToEndpoint = true });
        Microsoft.Azure.Cosmos.Database database = await client.CreateDatabaseIfNotExistsAsync("lookup", cancellationToken: Cancel.Token);
        Container users = await database.CreateContainerAsync("users", "/id", cancellationToken: Cancel.Token);
        var feedRanges = (await users.GetFeedRangesAsync(Cancel.Token)).Select(range => range.ToJsonString()).ToArray();
        var partitioner = HashPartitioner.TryCreate(feedRanges);
        Assert.NotNull(partitioner);

        var idOf = new Dictionary<int, string>();
        for (var i = 0; i < 300; i++)
        {
            using var response = await users.ReadItemStreamAsync($"u{i}", new PartitionKey($"u{i}"), cancellationToken: Cancel.Token);
            var id = response.Headers["x-ms-documentdb-partitionkeyrangeid"];
            var range = partitioner.RangeOf($"u{i}");
            Assert.Equal(id, idOf.TryGetValue(range, out var known) ? known : idOf[range] = id);
        }

        Assert.Equal(ranges, idOf.Values.Distinct().Count());
    }

    [Theory]
    [InlineData("", "FF")]
    [InlineData("", "1F", "FF")] // digits may be omitted at the end
    [InlineData("", "0A", "1FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", "3", "FF")]
    public void TryCreate_accepts_ranges_that_divide_all_hashes_in_any_order(params string[] bounds)
    {
        var ranges = Enumerable.Range(0, bounds.Length - 1).Select(i => Range(bounds[i], bounds[i + 1])).ToArray();

        var partitioner = HashPartitioner.TryCreate(ranges);
        var reversed = HashPartitioner.TryCreate([.. ranges.Reverse()]);

        Assert.NotNull(partitioner);
        Assert.NotNull(reversed);
        for (var i = 0; i < 100; i++)
        {
            var range = partitioner.RangeOf($"u{i}");
            Assert.Equal(ranges.Length - 1 - range, reversed.RangeOf($"u{i}"));
            Assert.InRange(HashPartitioner.HashOf($"u{i}"), Bound(bounds[range]), Bound(bounds[range + 1]) - 1);
        }
    }

    /// <summary>With an unknown format, or a gap, a user could be assigned to a range that does not show its changes.</summary>
    [Theory]
    [InlineData()]
    [InlineData("""{"Range":{"min":"","max":"1F"}}""")]
    [InlineData("""{"Range":{"min":"0A","max":"FF"}}""")]
    [InlineData("""{"Range":{"min":"","max":"1F"}}""", """{"Range":{"min":"20","max":"FF"}}""")]
    [InlineData("""{"Range":{"min":"","max":"1F"}}""", """{"Range":{"min":"1E","max":"FF"}}""")]
    [InlineData("""{"Range":{"min":"","max":"FF"}}""", """{"Range":{"min":"","max":"FF"}}""")]
    [InlineData("""{"Range":{"min":"","max":"xyz"}}""", """{"Range":{"min":"xyz","max":"FF"}}""")]
    [InlineData("""{"Range":{"min":"","max":null}}""")]
    [InlineData("""{"Range":{"min":"","max":"FF00000000000000000000000000000000"}}""")]
    [InlineData("""{"Range":"all"}""")]
    [InlineData("""{"PK":["a"]}""")]
    [InlineData("[]")]
    [InlineData("all")]
    public void TryCreate_rejects_other_ranges(params string[] ranges) => Assert.Null(HashPartitioner.TryCreate(ranges));

    private static string Range(string min, string max) => $$$"""{"Range":{"min":"{{{min}}}","max":"{{{max}}}"}}""";

    private static UInt128 Bound(string digits) =>
        UInt128.Parse(digits.PadRight(32, '0'), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private static string RandomText(Random random, int length)
    {
        var text = new StringBuilder();
        while (text.Length < length)
        {
            var number = random.Next(5) switch { 0 or 1 => random.Next(0x20, 0x7F), 2 => random.Next(0x80, 0x800), 3 => random.Next(0x800, 0xD800), _ => random.Next(0x10000, 0x110000) };
            text.Append(new Rune(number).ToString());
        }

        return text.ToString();
    }
}
