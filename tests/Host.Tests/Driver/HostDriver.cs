using System.Net;
using System.Text.Json;

namespace Lookup.Host.Tests.Driver;

/// <summary>
/// A substitute for the Functions host: it starts the published app as a custom handler, waits until the app responds, proxies
/// requests and posts batches.
/// </summary>
internal sealed class HostDriver : IAsyncDisposable
{
    private readonly IReadOnlyList<FunctionFolder> _functions;
    private readonly IReadOnlyList<(string Name, string Value)> _environment;
    private readonly HostProcess _process;
    private HostFront? _front;

    private HostDriver(PublishedApp app, IReadOnlyList<(string Name, string Value)> environment, HostProcess process, int port)
    {
        (_functions, _environment, _process, Port) = (app.Functions, environment, process, port);
        Http = ServiceClient.Create(new Uri($"http://127.0.0.1:{port}"), TimeSpan.FromSeconds(90));
    }

    /// <summary>Deadlines that are met even on a busy machine. A test of a deadline overrides it.</summary>
    public static IReadOnlyList<(string Name, string Value)> Patient { get; } = [("Lookup__ReadDeadline", "00:01:00"), ("Lookup__PollDeadline", "00:01:00")];

    /// <summary>Gets the settings that the trigger's function.json refers to.</summary>
    public static IReadOnlyList<(string Name, string Value)> Container { get; } = [("Lookup__Database", "lookup"), ("Lookup__Container", "users")];

    public int Port { get; }

    /// <summary>Gets a client that sends requests directly to the app.</summary>
    public HttpClient Http { get; }

    /// <summary>Gets the lines that the app has printed, each of which is an entry in the host's log.</summary>
    public IReadOnlyList<string> Lines => _process.Lines;

    /// <summary>Gets a value that indicates whether the app has ended, or has logged that it is shutting down.</summary>
    public bool IsEnding => _process.AppEnded.IsCompleted || Lines.Any(line => line.Contains("is shutting down", StringComparison.Ordinal));

    /// <summary>Starts the app, and waits until it responds.</summary>
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
        var handler = CustomHandlerSettings.Read(app).GetSection("description");
        var process = await HostProcess.StartAsync(Resolve(app, handler["defaultExecutablePath"]!), [], environment, app.Root);
        var driver = new HostDriver(app, environment, process, port);
        await Eventually.IsTrueAsync(driver.RespondsAsync, "GET / receives a response");
        driver._front = await HandlerCalls.StartFrontAsync(app, port);
        return driver;
    }

    /// <summary>Gets the address of the host.</summary>
    public Uri Address => _front!.Address;

    /// <summary>Sends a request to the host. The path below <c>/api/</c> is sent byte for byte as specified.</summary>
    public Task<HttpResponseMessage> CallAsync(HttpMethod method, string path, string? body = null, params (string Name, string Value)[] headers) =>
        _front!.SendAsync(method, path, body, headers);

    /// <inheritdoc cref="CallAsync"/>
    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent body) => _front!.SendAsync(method, path, body);

    public Task<HttpResponseMessage> GetUserAsync(string id) => CallAsync(HttpMethod.Get, $"users/{id}");

    /// <summary>Requests a user, and returns the source of the response: <c>hit</c>, <c>fwd=miss</c> and so on.</summary>
    public async Task<string> CacheStatusAsync(string id)
    {
        using var response = await GetUserAsync(id);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return response.Headers.GetValues("Cache-Status").Single();
    }

    /// <summary>Returns a number from the response of the Statistics function.</summary>
    public async Task<long> StatisticAsync(params string[] names)
    {
        using var response = await CallAsync(HttpMethod.Get, "stats");
        using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancel.Token));
        return names.Aggregate(json.RootElement, (element, name) => element.GetProperty(name)).GetInt64();
    }

    /// <summary>
    /// Returns the database and the container that the trigger listens to. On the host, a trigger with a setting that does not resolve
    /// never runs; here, it fails.
    /// </summary>
    public string Listen()
    {
        var trigger = _functions.Single(function => !function.IsHttp).Trigger;
        return string.Join('/', ((string[])["databaseName", "containerName"])
            .Select(name => BindingExpressions.Resolve(trigger.GetProperty(name).GetString()!, _environment)));
    }

    /// <summary>Posts a batch to the trigger, and returns the host's interpretation of the response.</summary>
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

    public Task SignalHandlerAsync(string name) => _process.SignalAppAsync(name);

    /// <inheritdoc cref="HostProcess.KillHostAsync"/>
    public Task KillHostAsync() => _process.KillHostAsync();

    /// <inheritdoc cref="HostProcess.AwaitEndAsync"/>
    public Task<int> AwaitEndAsync() => _process.AwaitEndAsync();

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (_front is not null)
            await _front.DisposeAsync();
        await _process.DisposeAsync();
    }

    /// <summary>Returns the program of that name in the app's folder, if there is one; otherwise, the one installed on the machine.</summary>
    private static string Resolve(PublishedApp app, string program)
    {
        var own = Path.Combine(app.Root, program);
        return File.Exists(own) ? own : program;
    }

    private async Task<bool> RespondsAsync()
    {
        if (_process.AppEnded.IsCompleted)
            Assert.Fail($"The app ended before it responded:\n{string.Join('\n', Lines)}");

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
