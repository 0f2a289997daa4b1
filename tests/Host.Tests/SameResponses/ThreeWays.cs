using System.Net.Http.Headers;
using Lookup.Host.Tests.Driver;
using Lookup.Host.Tests.Driver.Worker;

namespace Lookup.Host.Tests.SameResponses;

/// <summary>The app in the three ways of running it, over the same users.</summary>
public sealed class ThreeWays(PublishedApp app) : IAsyncLifetime
{
    private static readonly string[] Ids = ["u1", "u42", "u42 ", "u4%32", "u42%25", "a%2Fb", "b%2Fc", "u42\u00e9", "chunked", "dots", "c/d", new('x', 1023)];

    // Equal in all three, so that what they cache and for how long is equal too.
    private static readonly (string Name, string Value)[] Settings =
    [
        ("Lookup__PollInterval", "00:00:01"), ("Lookup__PollDeadline", "00:01:00"), ("Lookup__IdleAfter", "01:00:00"),
        ("Lookup__MaxStaleness", "00:05:00"), ("Lookup__ReadDeadline", "00:01:00"),
    ];

    // Without it, the trace ids in problems would differ in length.
    private const string TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { Timeout = Eventually.Limit };
    private Store? _store;
    private Service? _alone;
    private HostDriver? _handler;
    private WorkerDriver? _worker;

    public async ValueTask InitializeAsync()
    {
        _store = await Store.StartAsync();
        foreach (var id in Ids)
            await _store.PutUserAsync(id);
        await _store.PutUserAsync("plus", email: "u+1@example.com");
        await _store.PutUserAsync("large", email: new string('e', 200_000));

        _alone = await Service.StartAsync(_store, null, Settings);
        var handler = HostDriver.StartAsync(app, _store.ConnectionString, Settings);
        var worker = WorkerDriver.StartAsync(app, _store.ConnectionString, Settings);
        (_handler, _worker) = (await handler, await worker);

        // An instance caches only after its feed is armed, which takes a moment.
        foreach (var address in (Uri[])[_alone.Address, _handler.Address, _worker.Address])
        {
            await Eventually.IsTrueAsync(
                async () => (await SendAsync(address, new TableRow("GET", "users/u1", 200))).CacheStatus!.Contains("; hit", StringComparison.Ordinal),
                $"the instance behind {address} serves a user from its cache");
        }
    }

    /// <summary>Sends a request to the app alone, to the custom handler behind its host, and to the isolated worker behind its host.</summary>
    internal async Task<(TestResponse Alone, TestResponse Handler, TestResponse Worker)> SendAsync(TableRow row) =>
        (await SendAsync(_alone!.Address, row), await SendAsync(_handler!.Address, row), await SendAsync(_worker!.Address, row));

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        foreach (var disposable in (IAsyncDisposable?[])[_worker, _handler, _alone, _store])
        {
            if (disposable is not null)
                await disposable.DisposeAsync();
        }
    }

    private async Task<TestResponse> SendAsync(Uri address, TableRow row)
    {
        // By default, Uri converts %41 to A, and a backslash to a slash, before the request is sent.
        var target = new Uri($"{address.AbsoluteUri}api/{row.Path}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var request = new HttpRequestMessage(new HttpMethod(row.Method), target);
        if (row.Body is not null)
        {
            request.Content = row.IsChunked ? new ChunkedContent(row.Body) : new ByteArrayContent(row.Body);
            request.Content.Headers.ContentType = row.ContentType is { } type ? new MediaTypeHeaderValue(type) : null;
        }

        foreach (var (name, value) in row.Headers.Prepend(("traceparent", TraceParent)))
            _ = request.Headers.TryAddWithoutValidation(name, value) || request.Content!.Headers.TryAddWithoutValidation(name, value);
        using var response = await _client.SendAsync(request, Cancel.Token);
        return await TestResponse.ReadAsync(response);
    }
}
