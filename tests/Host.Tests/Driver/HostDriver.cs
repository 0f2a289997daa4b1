using System.Globalization;
using System.Net;
using System.Text.Json;

namespace Lookup.Host.Tests.Driver;

/// <summary>
/// Does to the published app what the Functions host does: starts it as host.json says, waits until it answers, proxies requests and
/// posts batches. A shell stands in for the host's process, so that it can be killed.
/// </summary>
internal sealed class HostDriver : IAsyncDisposable
{
    private readonly IReadOnlyList<FunctionFolder> _functions;
    private readonly IReadOnlyList<(string Name, string Value)> _environment;
    private readonly ChildProcess _host;
    private HostFront? _front;

    private HostDriver(PublishedApp app, IReadOnlyList<(string Name, string Value)> environment, ChildProcess host, int port, int handlerId)
    {
        (_functions, _environment, _host, Port, HandlerId) = (app.Functions, environment, host, port, handlerId);
        Http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromSeconds(90) };
    }

    /// <summary>Deadlines that a busy machine does not miss; a test about one of them sets it.</summary>
    private static readonly (string Name, string Value)[] Patient = [("Lookup__ReadDeadline", "00:01:00"), ("Lookup__PollDeadline", "00:01:00")];

    /// <summary>The settings that the trigger's function.json refers to.</summary>
    public static IReadOnlyList<(string Name, string Value)> Container { get; } = [("Lookup__Database", "lookup"), ("Lookup__Container", "users")];

    public int Port { get; }

    /// <summary>The app's process id.</summary>
    public int HandlerId { get; }

    /// <summary>Straight to the app.</summary>
    public HttpClient Http { get; }

    /// <summary>What the app printed by now, each line an entry of the host's log.</summary>
    public IReadOnlyList<string> Lines => [.. _host.Lines.Where(line => line != $"{HandlerId}")];

    /// <summary>The app has ended, or has said that it is about to.</summary>
    public bool IsEnding => _host.OutputEnded.IsCompleted || Lines.Any(line => line.Contains("is shutting down", StringComparison.Ordinal));

    /// <summary>Starts the app, and waits until it answers.</summary>
    public static async Task<HostDriver> StartAsync(PublishedApp app, string connection, params (string Name, string Value)[] settings)
    {
        var port = FreePort.Next();
        return await StartAsync(
            app,
            port,
            [
                ("FUNCTIONS_CUSTOMHANDLER_PORT", $"{port}"), ("FUNCTIONS_CUSTOMHANDLER_WORKER_ID", "b6b8e7d0"), ("FUNCTIONS_APP_ROOT_PATH", app.Root),
                ("CosmosConnection", connection), .. Container, .. Patient.ExceptBy(settings.Select(setting => setting.Name), setting => setting.Name), .. settings,
            ]);
    }

    /// <inheritdoc cref="StartAsync(PublishedApp, string, ValueTuple{string, string}[])"/>
    public static async Task<HostDriver> StartAsync(PublishedApp app, int port, (string Name, string Value)[] environment)
    {
        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(app.Root, "host.json"), Cancel.Token));
        var handler = json.RootElement.GetProperty("customHandler").GetProperty("description");
        var host = ChildProcess.Start(
            "/bin/sh",
            [
                "-c", "\"$0\" \"$@\" & echo \"$!\"; wait \"$!\"", Resolve(app, handler.GetProperty("defaultExecutablePath").GetString()!),
                .. handler.GetProperty("arguments").EnumerateArray().Select(argument => argument.GetString()!),
            ],
            environment!,
            app.Root);
        var id = await host.LineAsync(_ => true).WaitAsync(Cancel.Token);
        var driver = new HostDriver(app, environment, host, port, int.Parse(id!, CultureInfo.InvariantCulture));
        await Eventually.IsTrueAsync(driver.AnswersAsync, "GET / is answered");
        driver._front = await HostFront.StartAsync(app, port);
        return driver;
    }

    /// <summary>Calls the host, with the path below <c>/api/</c> byte for byte as it is given.</summary>
    public Task<HttpResponseMessage> CallAsync(HttpMethod method, string path, string? body = null, params (string Name, string Value)[] headers) =>
        _front!.SendAsync(method, path, body, headers);

    /// <inheritdoc cref="CallAsync"/>
    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent body) => _front!.SendAsync(method, path, body);

    public Task<HttpResponseMessage> GetUserAsync(string id) => CallAsync(HttpMethod.Get, $"users/{id}");

    /// <summary>Where the last answer to a user's address came from: <c>hit</c>, <c>fwd=miss</c> and so on.</summary>
    public async Task<string> CacheStatusAsync(string id)
    {
        using var response = await GetUserAsync(id);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return response.Headers.GetValues("Cache-Status").Single();
    }

    /// <summary>A number in the answer of the Statistics function.</summary>
    public async Task<long> StatisticAsync(params string[] names)
    {
        using var response = await CallAsync(HttpMethod.Get, "stats");
        using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancel.Token));
        return names.Aggregate(json.RootElement, (element, name) => element.GetProperty(name)).GetInt64();
    }

    /// <summary>
    /// Gets the database and the container that the trigger listens to. On the host a trigger that refers to a setting which does not
    /// resolve never runs; here it fails.
    /// </summary>
    public string Listen()
    {
        var trigger = _functions.Single(function => !function.IsHttp).Trigger;
        return string.Join('/', ((string[])["databaseName", "containerName"])
            .Select(name => BindingExpressions.Resolve(trigger.GetProperty(name).GetString()!, _environment)));
    }

    /// <summary>Posts a batch to the trigger, and says what the host makes of the answer.</summary>
    public Task<Delivery> DeliverAsync(string batch) => PostAsync(new ChunkedContent(TriggerPayloads.Documented(batch)));

    /// <inheritdoc cref="DeliverAsync"/>
    public async Task<Delivery> PostAsync(HttpContent payload)
    {
        using (payload)
        {
            Assert.Equal("lookup/users", Listen());
            try
            {
                using var response = await Http.PostAsync("/EvictStaleUsers", payload, Cancel.Token);
                return await Delivery.JudgeAsync(response);
            }
            catch (HttpRequestException e)
            {
                return new Delivery(Verdict.Failed, 0, e.Message);
            }
        }
    }

    public Task SignalHandlerAsync(string name) => ChildProcess.SignalAsync(HandlerId, name);

    /// <summary>Ends the stand-in for the host at once, as when the host crashes.</summary>
    public Task KillHostAsync() => _host.SignalAsync("KILL");

    /// <summary>Waits for the app's end, and says how it ended; 137 if it was killed, or its host was.</summary>
    public async Task<int> AwaitEndAsync()
    {
        // The app holds its output open as long as it lives, whatever started it.
        await Eventually.EndsAsync(_host.OutputEnded, "the app ends");
        return await Eventually.EndsAsync(_host.WaitForExitAsync(Cancel.Token), "the shell that stands in for the host ends");
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (_front is not null)
            await _front.DisposeAsync();
        if (!_host.OutputEnded.IsCompleted)
            await ChildProcess.SignalAsync(HandlerId, "KILL");
        await _host.WaitForExitAsync(CancellationToken.None);
        _host.Dispose();
    }

    /// <summary>A program of the app's own, where there is one of that name; otherwise one of the machine's.</summary>
    private static string Resolve(PublishedApp app, string program)
    {
        var own = Path.Combine(app.Root, program);
        return File.Exists(own) ? own : program;
    }

    private async Task<bool> AnswersAsync()
    {
        if (_host.OutputEnded.IsCompleted)
            Assert.Fail($"The app ended before it answered:\n{string.Join('\n', Lines)}");

        try
        {
            using var response = await Http.GetAsync("/", Cancel.Token);
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
