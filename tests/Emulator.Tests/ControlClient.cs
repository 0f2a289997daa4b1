using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Lookup.Emulator.Tests;

/// <summary>A client of the control routes of an emulator.</summary>
internal sealed class ControlClient(CosmosEmulator emulator) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = new Uri(emulator.Endpoint, "_emulator/") };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async Task<long> StatAsync(string name) => (await StatsAsync()).GetProperty(name).GetInt64();

    public async Task<double> ChargeAsync(string name) => (await StatsAsync()).GetProperty("requestUnits").GetProperty(name).GetDouble();

    public Task SplitAsync(Microsoft.Azure.Cosmos.Container container, string range) =>
        SendAsync(HttpMethod.Post, "splits", new { database = container.Database.Id, container = container.Id, range });

    /// <summary>Merges two adjacent ranges. Returns the id of the merged range.</summary>
    public async Task<string> MergeAsync(Microsoft.Azure.Cosmos.Container container, string range, string adjacent)
    {
        var json = await SendAsync(
            HttpMethod.Post, "merges", new { database = container.Database.Id, container = container.Id, ranges = new[] { range, adjacent } });
        return JsonDocument.Parse(json).RootElement.GetProperty("child").GetString()!;
    }

    public Task AddFaultAsync(object fault) => SendAsync(HttpMethod.Post, "faults", fault);

    public Task ClearFaultsAsync() => SendAsync(HttpMethod.Delete, "faults", null);

    public Task SetLagAsync(int maxMs, int seed) => SendAsync(HttpMethod.Put, "lag", new { maxMs, seed });

    public Task SetTimeToLiveDelayAsync(TimeSpan delay) =>
        SendAsync(HttpMethod.Put, "ttl-delay", new { delayMs = (int)delay.TotalMilliseconds });

    public Task SetClockAsync(int aheadMs) => SendAsync(HttpMethod.Put, "clock", new { aheadMs });

    public Task SetAccountAsync(string? endpoint, bool multipleWriteLocations = false) =>
        SendAsync(HttpMethod.Put, "account", new { endpoint, multipleWriteLocations });

    public async Task<(HttpStatusCode Status, string Body)> TryAsync(HttpMethod method, string route, string? json = null)
    {
        using var request = new HttpRequestMessage(method, route) { Content = json is null ? null : new StringContent(json) };
        using var response = await _http.SendAsync(request, Cancellation);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Cancellation));
    }

    public void Dispose() => _http.Dispose();

    private Task<JsonElement> StatsAsync() => _http.GetFromJsonAsync<JsonElement>("stats", Cancellation);

    private async Task<string> SendAsync(HttpMethod method, string route, object? body)
    {
        var (status, text) = await TryAsync(method, route, body is null ? null : JsonSerializer.Serialize(body));
        Assert.True(status == HttpStatusCode.OK, text);
        return text;
    }
}
