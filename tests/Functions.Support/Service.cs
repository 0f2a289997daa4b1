using Lookup.Domain.Freshness;
using Lookup.Functions.Cosmos;
using Lookup.Functions.Hosting;
using Lookup.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Lookup.Functions.Support;

/// <summary>The complete service in this process, behind a real socket.</summary>
public sealed class Service : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Service(WebApplication app)
    {
        _app = app;
        Address = new Uri(app.Urls.Single());
        Http = ServiceClient.Create(Address, Eventually.Limit);
    }

    public Uri Address { get; }

    public HttpClient Http { get; }

    public IServiceProvider Services => _app.Services;

    /// <summary>Starts an instance, and waits until its feed is armed and its container has been checked.</summary>
    public static async Task<Service> StartAsync(Store store, Action<IServiceCollection>? configure = null, params (string Key, string Value)[] settings)
    {
        var service = await StartUnarmedAsync(store.ConnectionString, configure, settings);
        var freshness = service.Services.GetRequiredService<FreshnessTracker>();
        var connection = service.Services.GetRequiredService<CosmosConnection>();
        await Eventually.IsTrueAsync(
            () => freshness.IsArmed && connection.Check is null or { State.AllowsReads: true }, "the feed is armed, and the container has been checked");
        return service;
    }

    /// <summary>Starts an instance with timeouts that do not expire on a busy machine. A test of a timeout sets it explicitly.</summary>
    public static async Task<Service> StartUnarmedAsync(
        string connection,
        Action<IServiceCollection>? configure = null,
        params (string Key, string Value)[] settings)
    {
        var all = new Dictionary<string, string?>
        {
            ["urls"] = "http://127.0.0.1:0",
            ["CosmosConnection"] = connection,
            ["Logging__LogLevel__Default"] = "Error",
            ["Lookup__FeedPolling"] = "Steady",
            ["Lookup__PollInterval"] = "00:00:00.050",
            ["Lookup__PollDeadline"] = "00:01:00",
            ["Lookup__IdleAfter"] = "01:00:00",
            ["Lookup__MaxStaleness"] = "00:05:00",
            ["Lookup__ReadDeadline"] = "00:01:00",
        };
        foreach (var (key, value) in settings)
            all[key] = value;
        var app = LookupHost.Create([], all, configure);
        await app.StartAsync(Cancel.Token);
        return new Service(app);
    }

    public async Task<TestResponse> GetAsync(string target, params (string Name, string Value)[] headers) =>
        await SendAsync(HttpMethod.Get, target, null, headers);

    public async Task<TestResponse> SendAsync(HttpMethod method, string target, HttpContent? content, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, new Uri(Address, target)) { Content = content };
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        using var response = await Http.SendAsync(request, Cancel.Token);
        return await TestResponse.ReadAsync(response);
    }

    /// <summary>Waits until the feed has confirmed everything up to now, so that earlier writes cause no further evictions.</summary>
    public async Task CatchUpAsync(string target = "/api/users/anybody")
    {
        var time = TimeProvider.System;
        var began = time.GetTimestamp();
        var freshness = Services.GetRequiredService<FreshnessTracker>();
        await GetAsync(target); // while the cache is empty or there are no lookups, the feed is not polled
        await Eventually.IsTrueAsync(
            () => freshness.ConfirmedAge < time.GetElapsedTime(began), "the feed has confirmed earlier writes");
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
    }
}
