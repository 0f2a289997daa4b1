using System.Net;
using System.Text.Json;

namespace Lookup.Emulator.Tests.Feeds;

/// <summary>An endpoint with four ranges and the same users in each test of a merge. Each test has its own, because a merge affects the entire account.</summary>
internal static class MergingAccount
{
    public const int Users = 40;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<OwnEmulator> StartAsync()
    {
        var own = await OwnEmulator.StartAsync(new CosmosEmulatorOptions { Ranges = 4 });
        await SaveAllAsync(own, "first");
        return own;
    }

    public static async Task<List<string>> SaveAllAsync(OwnEmulator own, string name, Func<int, bool>? which = null)
    {
        var numbers = Enumerable.Range(0, Users).Where(which ?? (_ => true)).ToList();
        foreach (var number in numbers) await SaveAsync(own, number, name);
        return [.. numbers.Select(number => $"u{number} {name}")];
    }

    public static Task SaveAsync(OwnEmulator own, int number, string name) =>
        own.Container.UpsertItemAsync(UserItem.Number(number) with { name = name }, new($"u{number}"), cancellationToken: Cancellation);

    public static async Task<string> RangeOfAsync(OwnEmulator own, int number)
    {
        using var read = await own.Container.ReadItemStreamAsync($"u{number}", new($"u{number}"), cancellationToken: Cancellation);
        return read.Headers["x-ms-documentdb-partitionkeyrangeid"];
    }

    public static Task<(HttpStatusCode Status, string Body, HttpResponseMessage Response)> PollAsync(OwnEmulator own, string range) =>
        own.Raw.SendAsync("GET", $"{own.Path}/docs", headers: [("A-IM", "Incremental feed"), ("If-None-Match", "*"), ("x-ms-documentdb-partitionkeyrangeid", range)]);

    public static async Task<long> LsnAsync(OwnEmulator own, string range)
    {
        var (_, _, response) = await PollAsync(own, range);
        return long.Parse(response.Headers.GetValues("lsn").Single(), System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Returns the ranges with their parents, or those that were added since an ETag.</summary>
    public static async Task<List<string>> RangesAsync(OwnEmulator own, string? known)
    {
        (string, string)[] headers = known is null ? [] : [("A-IM", "Incremental feed"), ("If-None-Match", known)];
        var (_, body, _) = await own.Raw.SendAsync("GET", $"{own.Path}/pkranges", headers: headers);
        return [.. JsonDocument.Parse(body).RootElement.GetProperty("PartitionKeyRanges").EnumerateArray().Select(range =>
            $"{range.GetProperty("id").GetString()} [{string.Join(", ", range.GetProperty("parents").EnumerateArray().Select(parent => parent.GetString()))}]")];
    }
}
