using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Lookup.Functions.Hosting;
using Lookup.Functions.Settings;
using Lookup.Functions.Support;
using Lookup.Functions.Telemetry;
using Lookup.Functions.Tests.Support;
using Lookup.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Lookup.Functions.Tests.Security;

/// <summary>Searches for keys in all output of a full run with valid and invalid requests and a store that fails in every way.</summary>
public sealed class SecuritySecretsTests
{
    private static readonly string[] WaysToFail =
    [
        """{"status":401}""", """{"status":403}""", """{"status":429,"retryAfterMs":1}""", """{"status":500}""", """{"status":503}""",
        """{"status":404,"substatus":1002}""", """{"drop":"before"}""", """{"drop":"during"}""",
    ];

    // Random for each run, so that they cannot be found by chance.
    private readonly string _accountKey = Convert.ToBase64String(RandomNumberGenerator.GetBytes(64));
    private readonly string _key = NewKey("key");
    private readonly string _adminKey = NewKey("admin");
    private readonly string _wrongKey = NewKey("wrong");

    [Theory]
    [InlineData("Logging__LogLevel__Microsoft.AspNetCore.Hosting")]
    [InlineData("Logging__LogLevel__Microsoft.AspNetCore.Server.Kestrel")]
    [InlineData("Logging__LogLevel__Microsoft.AspNetCore.Server.Kestrel.BadRequests")]
    [InlineData("Logging__OutputRecorder__LogLevel__Microsoft.*.BadRequests")]
    [InlineData("Logging__LogLevel__Microsoft.AspNetCore.Routing.Matching.DfaMatcher")]
    [InlineData("Logging__LogLevel__Microsoft.AspNetCore.Hosting.Diagnostics")]
    [InlineData("Logging__OutputRecorder__LogLevel__Microsoft.AspNetCore.Hosting.Diagnostics")]
    public async Task No_key_is_in_any_log_response_metric_or_trace_of_a_full_run(string verbose)
    {
        using var recorder = new OutputRecorder();
        var responses = new ConcurrentBag<TestResponse>();

        await RunAsync(recorder, responses, ("Logging__LogLevel__Default", "Trace"), (verbose, "Trace"));

        var output = recorder.Notes.Concat(responses.Select(Describe)).ToList();
        Assert.Contains(output, note => note.StartsWith("log Debug Lookup", StringComparison.Ordinal)); // the level was applied
        Assert.Contains(output, note => note.StartsWith("metric ", StringComparison.Ordinal));
        Assert.Contains(output, note => note.StartsWith("trace ", StringComparison.Ordinal));
        foreach (var secret in (string[])[_accountKey, _key, _adminKey, _wrongKey])
            ShouldNotBeRecorded(output, note => Holds(note, secret));
        ShouldNotBeRecorded(
            output.Where(note => note.StartsWith("log ", StringComparison.Ordinal)), note => note.Contains("grace-hopper", StringComparison.Ordinal));
        ShouldNotBeRecorded(output, note => note.Contains("sig%3d", StringComparison.OrdinalIgnoreCase)); // a signature created with the account key
    }

    [Fact]
    public async Task No_user_id_is_in_the_log_at_its_default_level_or_in_any_metric()
    {
        using var recorder = new OutputRecorder();

        await RunAsync(recorder, [], ("Logging__LogLevel__Default", "Information"));

        Assert.Contains(recorder.Notes, note => note.StartsWith("log Warning Lookup", StringComparison.Ordinal)); // the store's failures
        ShouldNotBeRecorded(
            recorder.Notes.Where(note => note.StartsWith("log ", StringComparison.Ordinal) || note.StartsWith("metric ", StringComparison.Ordinal)),
            note => note.Contains("grace-hopper", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("CosmosConnection__accountEndpoint", "AccountEndpoint=https://x/;AccountKey=KEY;")]
    [InlineData("CosmosConnection__accountEndpoint", "https://x.documents.azure.com/?key=KEY")]
    [InlineData("CosmosConnection__accountEndpoint", "https://admin:KEY@x.documents.azure.com/")]
    [InlineData("CosmosConnection__accountEndpoint", "https://admin:/KEY@x.documents.azure.com/")]
    [InlineData("CosmosConnection__accountEndpoint", "https://x.documents.azure.com/KEY")]
    [InlineData("CosmosConnection", "AccountKey=KEY;AccountEndpoint=AccountKey=KEY;")]
    [InlineData("CosmosConnection", "KEY")]
    [InlineData("CosmosConnection", "AccountEndpoint=https://x/;AccountKey=KEY!;")]
    [InlineData("Lookup__Keys", "KEY")]
    [InlineData("Lookup__AdminKeys", "KEY")]
    public void No_key_is_in_the_error_message_of_an_invalid_setting(string name, string value)
    {
        var settings = new Dictionary<string, string?> { [name] = value.Replace("KEY", _accountKey, StringComparison.Ordinal) };
        if (!name.StartsWith("Cosmos", StringComparison.Ordinal))
            settings["CosmosConnection"] = $"AccountEndpoint=http://127.0.0.1:1/;AccountKey={_accountKey};";

        var error = Assert.Throws<LookupSettingsException>(() => LookupHost.Create([], settings));

        Assert.False(Holds(error.ToString(), _accountKey), error.Message);
        Assert.StartsWith(name.Split("__")[0] == "Lookup" ? name : "", error.Message);
    }

    private async Task RunAsync(OutputRecorder recorder, ConcurrentBag<TestResponse> responses, params (string Key, string Value)[] levels)
    {
        var store = await Store.StartAsync("/id", _accountKey);
        await using var service = await Service.StartAsync(
            store,
            services => services.AddSingleton<ILoggerProvider>(recorder),
            [
                .. levels,
                ("Logging__Console__LogLevel__Default", "None"), // the recorder captures the output instead
                ("Lookup__Keys__0", _key),
                ("Lookup__AdminKeys__0", _adminKey),
                ("Lookup__ReadDeadline", "00:00:00.200"),
            ]);
        await store.PutUserAsync("grace-hopper");
        var feedCounters = service.Services.GetRequiredService<FeedCounters>();
        await Eventually.IsTrueAsync(
            async () =>
            {
                responses.Add(await service.GetAsync($"/api/users/grace-hopper?code={_key}")); // while the cache is empty, the feed is not polled
                return feedCounters.Changes > 0;
            },
            "the feed returns the user, which is logged at the level Debug");

        await AskAsync(service, responses);
        foreach (var fault in WaysToFail)
        {
            await store.AddFaultAsync(fault);
            await AskAsync(service, responses);
            await store.ClearFaultsAsync();
        }

        foreach (var request in Malformed(_key))
            await RawHttp.ExchangeAsync(service.Address, Encoding.Latin1.GetBytes(request));
        await store.DisposeAsync();
        await AskAsync(service, responses);
        Assert.Contains(responses, response => (int)response.Status == 200);
        Assert.Contains(responses, response => (int)response.Status == 401);
        Assert.Contains(responses, response => (int)response.Status == 503);
    }

    /// <summary>Sends every request with each key. The requests run concurrently, because most of them wait for a failing store.</summary>
    private Task AskAsync(Service service, ConcurrentBag<TestResponse> responses) =>
        Task.WhenAll(new[] { _key, _adminKey, _wrongKey }.SelectMany(key => Requests(service, key)).Select(async asked => responses.Add(await asked)));

    private static IEnumerable<Task<TestResponse>> Requests(Service service, string key)
    {
        foreach (var target in (string[])
            ["/api/users/grace-hopper", "/api/users?email=grace-hopper@example.com", "/api/stats", "/api/health/ready", "/api/openapi.json", "/nowhere", "/api/users/a%2Fb"])
        {
            yield return service.GetAsync(target, ("x-functions-key", key), ("Cache-Control", "no-cache"));
            yield return service.GetAsync($"{target}{(target.Contains('?') ? '&' : '?')}code={key}");
        }

        yield return service.SendAsync(HttpMethod.Delete, $"/api/cache/users/grace-hopper?code={key}", null);
        yield return service.SendAsync(HttpMethod.Put, $"/api/users/grace-hopper?code={key}", null);
        yield return service.SendAsync(
            HttpMethod.Post, $"/api/users/lookup?code={key}", new StringContent("""{"ids":["grace-hopper","nobody"]}""", Encoding.UTF8, "application/json"));
    }

    /// <summary>Requests that the server rejects before they reach the service, each with a key and an id in the invalid part.</summary>
    private static IEnumerable<string> Malformed(string key)
    {
        const string Good = "GET /api/users/grace-hopper HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
        yield return $"GET /api/users/grace-hopper?code={key} HTTP/9.9\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        yield return $"GET /api/users/grace-hopper?code={key}\r\n\r\n";
        yield return $"GET /api/users/grace-hopper\0?code={key} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        yield return $"GET api/users/grace-hopper?code={key} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        yield return $"GET /api/users/%00grace-hopper?code={key} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        yield return $"G@T /api/users/grace-hopper?code={key} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        yield return $"{key} /api/users/grace-hopper HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        yield return $"CONNECT grace-hopper:{key} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        yield return $"GET http://grace-hopper:{key}@x/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        yield return $"{Good}x-functions-key {key}\r\n\r\n";
        yield return $"{Good}x-functions-key: {key}\0grace-hopper\r\n\r\n";
        yield return $"{Good} x-functions-key: {key}\r\n\r\n";
        yield return $"{Good}x-functions-key: {key}\r{key}\r\n\r\n";
        yield return $"{Good}x-functions-key : {key} grace-hopper\r\n\r\n";
        yield return $"{Good}Host: {key}.grace-hopper\r\n\r\n";
        yield return $"{Good}Content-Length: {key}\r\n\r\n";
        yield return $"{Good}Transfer-Encoding: {key}\r\n\r\n";
        yield return $"POST /api/users/lookup HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nConnection: close\r\nx-functions-key: {key}\r\n\r\n{key}grace-hopper\r\n\r\n";
        yield return $"GET /{new string('a', 10_000)}?code={key} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        yield return $"{Good}x: {new string('a', 20_000)}{key}\r\n\r\n";
        yield return $"{Good}{string.Concat(Enumerable.Range(0, 100).Select(i => $"x{i}: {key}\r\n"))}\r\n";
    }

    private static void ShouldNotBeRecorded(IEnumerable<string> output, Func<string, bool> isBad)
    {
        var bad = output.FirstOrDefault(isBad);
        Assert.True(bad is null, bad);
    }

    private static string Describe(TestResponse response) => $"response {string.Join('\n', response.Headers)}\n{response.Text}";

    /// <summary>Checks for the secret as is, URL-encoded, or in part.</summary>
    private static bool Holds(string note, string secret) =>
        note.Contains(secret, StringComparison.Ordinal)
        || note.Contains(Uri.EscapeDataString(secret), StringComparison.OrdinalIgnoreCase)
        || note.Contains(secret[8..24], StringComparison.Ordinal);

    private static string NewKey(string kind) => $"{kind}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16))}";
}
