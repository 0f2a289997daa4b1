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

/// <summary>A full run, with good and bad requests and a store that fails in every way, and then a search for the keys in all that was said.</summary>
public sealed class SecuritySecretsTests
{
    private static readonly string[] WaysToFail =
    [
        """{"status":401}""", """{"status":403}""", """{"status":429,"retryAfterMs":1}""", """{"status":500}""", """{"status":503}""",
        """{"status":404,"substatus":1002}""", """{"drop":"before"}""", """{"drop":"during"}""",
    ];

    // New ones for each run, so that they cannot be found by chance.
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
        var answers = new ConcurrentBag<Answer>();

        await RunAsync(recorder, answers, ("Logging__LogLevel__Default", "Trace"), (verbose, "Trace"));

        var said = recorder.Notes.Concat(answers.Select(Describe)).ToList();
        Assert.Contains(said, note => note.StartsWith("log Debug Lookup", StringComparison.Ordinal)); // the level was heeded
        Assert.Contains(said, note => note.StartsWith("metric ", StringComparison.Ordinal));
        Assert.Contains(said, note => note.StartsWith("trace ", StringComparison.Ordinal));
        foreach (var secret in (string[])[_accountKey, _key, _adminKey, _wrongKey])
            ShouldNotBeRecorded(said, note => Holds(note, secret));
        ShouldNotBeRecorded(
            said.Where(note => note.StartsWith("log ", StringComparison.Ordinal)), note => note.Contains("grace-hopper", StringComparison.Ordinal));
        ShouldNotBeRecorded(said, note => note.Contains("sig%3d", StringComparison.OrdinalIgnoreCase)); // a signature made with the account's key
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

    private async Task RunAsync(OutputRecorder recorder, ConcurrentBag<Answer> answers, params (string Key, string Value)[] levels)
    {
        var store = await Store.StartAsync("/id", _accountKey);
        await using var service = await Service.StartAsync(
            store,
            services => services.AddSingleton<ILoggerProvider>(recorder),
            [
                .. levels,
                ("Logging__Console__LogLevel__Default", "None"), // the recorder hears it
                ("Lookup__Keys__0", _key),
                ("Lookup__AdminKeys__0", _adminKey),
                ("Lookup__ReadDeadline", "00:00:00.200"),
            ]);
        await store.PutUserAsync("grace-hopper");
        var feedCounters = service.Services.GetRequiredService<FeedCounters>();
        await Eventually.IsTrueAsync(
            async () =>
            {
                answers.Add(await service.GetAsync($"/api/users/grace-hopper?code={_key}")); // with nothing in memory the feed would not be polled
                return feedCounters.Changes > 0;
            },
            "the feed shows the user, which is said at the level Debug");

        await AskAsync(service, answers);
        foreach (var fault in WaysToFail)
        {
            await store.AddFaultAsync(fault);
            await AskAsync(service, answers);
            await store.ClearFaultsAsync();
        }

        foreach (var request in Malformed(_key))
            await RawHttp.ExchangeAsync(service.Address, Encoding.Latin1.GetBytes(request));
        await store.DisposeAsync();
        await AskAsync(service, answers);
        Assert.Contains(answers, answer => (int)answer.Status == 200);
        Assert.Contains(answers, answer => (int)answer.Status == 401);
        Assert.Contains(answers, answer => (int)answer.Status == 503);
    }

    /// <summary>Asks for everything with each key. Side by side, since most of it waits for a store that fails.</summary>
    private Task AskAsync(Service service, ConcurrentBag<Answer> answers) =>
        Task.WhenAll(new[] { _key, _adminKey, _wrongKey }.SelectMany(key => Requests(service, key)).Select(async asked => answers.Add(await asked)));

    private static IEnumerable<Task<Answer>> Requests(Service service, string key)
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

    /// <summary>Requests that the server refuses before the service sees them, each with a key and an id in the part that is wrong.</summary>
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

    private static void ShouldNotBeRecorded(IEnumerable<string> said, Func<string, bool> isBad)
    {
        var bad = said.FirstOrDefault(isBad);
        Assert.True(bad is null, bad);
    }

    private static string Describe(Answer answer) => $"answer {string.Join('\n', answer.Headers)}\n{answer.Text}";

    /// <summary>As it is, as it is written in an address, or the best part of it.</summary>
    private static bool Holds(string note, string secret) =>
        note.Contains(secret, StringComparison.Ordinal)
        || note.Contains(Uri.EscapeDataString(secret), StringComparison.OrdinalIgnoreCase)
        || note.Contains(secret[8..24], StringComparison.Ordinal);

    private static string NewKey(string kind) => $"{kind}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16))}";
}
