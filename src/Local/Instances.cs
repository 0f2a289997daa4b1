using System.Globalization;
using System.Net;
using Lookup.Functions.Hosting;
using Lookup.Functions.Settings;
using Lookup.Local.Writes;

namespace Lookup.Local;

/// <summary>Instances of the service over one store, each with a port, a Cosmos client and a memory of its own.</summary>
internal sealed class Instances : IAsyncDisposable
{
    // Together with the endpoint's end this stays below the two seconds after which the process ends anyway.
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(25);

    private readonly IReadOnlyList<(int Port, WebApplication App)> _all;
    private readonly TimeProvider _time;

    /// <summary>Builds the instances without starting them: a wrong setting shows before any work is done.</summary>
    /// <exception cref="LookupSettingsException">A setting of the service, from the environment, is wrong.</exception>
    public Instances(LocalStore store, IEnumerable<int> ports, TimeProvider time)
    {
        _time = time;
        var writer = new UserWriter(store.Users);
        _all = [.. ports.Select(port => (port, Build(store, port, writer)))];
    }

    /// <summary>Starts the instances; each is ready to answer when the task is done.</summary>
    /// <exception cref="LocalRunException">A port cannot be listened on, or an instance does not become ready.</exception>
    public async Task StartAsync(CancellationToken cancellation)
    {
        await Task.WhenAll(_all.Select(instance => ListenAsync(instance.App, instance.Port, cancellation)));
        await Task.WhenAll(_all.Select(instance => AwaitReadyAsync(instance.Port, cancellation)));
    }

    /// <summary>Where an instance is.</summary>
    public static string AddressOf(int port) => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}");

    public async ValueTask DisposeAsync() => await Task.WhenAll(_all.Select(instance => StopAsync(instance.App)));

    private static WebApplication Build(LocalStore store, int port, UserWriter writer)
    {
        var app = LookupHost.Create([], SettingsOf(store, port));
        LocalUsersEndpoint.Map(app, writer);
        return app;
    }

    // Settings that are not named here may come from the environment, as Lookup__MaxStaleness and the like. The feed mode may too,
    // but its usual default would show no deletes: a user who was deleted here would go on being served for minutes.
    private static Dictionary<string, string?> SettingsOf(LocalStore store, int port) => new()
    {
        ["urls"] = AddressOf(port),
        ["CosmosConnection"] = store.ConnectionString,
        ["Lookup:Database"] = LocalStore.Database,
        ["Lookup:Container"] = LocalStore.ContainerName,
        ["Lookup:PartitionKeyPath"] = LocalStore.PartitionKeyPath,
        ["Lookup:AlternateKeys:0"] = "/email",
        ["Lookup:HiddenFields:0"] = "/passwordHash",
        ["Lookup:FeedMode"] = Environment.GetEnvironmentVariable("Lookup__FeedMode") ?? "AllVersionsAndDeletes",
        ["Logging:LogLevel:Default"] = "Warning",
        ["Logging:Console:FormatterOptions:SingleLine"] = "true",
    };

    private static async Task ListenAsync(WebApplication app, int port, CancellationToken cancellation)
    {
        try
        {
            await app.StartAsync(cancellation);
        }
        catch (IOException cause)
        {
            throw Ports.NotFree(port, "the service", "--port", cause);
        }
    }

    private async Task AwaitReadyAsync(int port, CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(StartTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
        using var client = new HttpClient { BaseAddress = new Uri(AddressOf(port)) };
        try
        {
            while (await LookAsync(client, either.Token) != HttpStatusCode.OK)
                await Task.Delay(BetweenLooks, _time, either.Token);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new LocalRunException($"The service on {AddressOf(port)} was not ready after {StartTimeout.TotalSeconds:N0} s; its log above says why.");
        }
    }

    private static async Task<HttpStatusCode> LookAsync(HttpClient client, CancellationToken cancellation)
    {
        using var response = await client.GetAsync(new Uri("/api/health/ready", UriKind.Relative), cancellation);
        return response.StatusCode;
    }

    private async Task StopAsync(WebApplication app)
    {
        using var patience = new CancellationTokenSource(StopPatience, _time);
        try
        {
            await app.StopAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            // Requests that outlast the patience are cut.
        }

        await app.DisposeAsync();
    }
}
