using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Lookup.Functions.Hosting;
using Lookup.Functions.Settings;
using Lookup.Local.Writes;

namespace Lookup.Local;

/// <summary>The instances of the service over one store, each with its own port, Cosmos client and cache.</summary>
internal sealed class Instances : IAsyncDisposable
{
    // Together with the shutdown of the endpoint, this is less than the time after which ShutdownSignal ends the process.
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(25);

    private readonly IReadOnlyList<(int Port, WebApplication App)> _all;
    private readonly TimeProvider _time;

    /// <summary>Builds the instances without starting them, so that an invalid setting is reported before any user is written.</summary>
    /// <exception cref="LookupSettingsException">A setting of the service, from the environment, is not valid.</exception>
    /// <param name="store">The store.</param>
    /// <param name="ports">The ports of the instances.</param>
    /// <param name="tierPort">The port of the Redis that they share, or <see langword="null"/>.</param>
    /// <param name="time">The clock.</param>
    public Instances(LocalStore store, IEnumerable<int> ports, int? tierPort, TimeProvider time)
    {
        _time = time;
        var writer = new UserWriter(store.Users);
        var tier = SettingsOf(tierPort);
        _all = [.. ports.Select(port => (port, Build(store, port, tier, writer)))];
    }

    /// <summary>Starts the instances. All of them are ready when the task completes.</summary>
    /// <exception cref="LocalRunException">A port is not available, or an instance does not become ready.</exception>
    public async Task StartAsync(CancellationToken cancellation)
    {
        await Task.WhenAll(_all.Select(instance => ListenAsync(instance.App, instance.Port, cancellation)));
        await Task.WhenAll(_all.Select(instance => AwaitReadyAsync(instance.Port, cancellation)));
    }

    /// <summary>Returns the address of the instance on a port.</summary>
    public static string AddressOf(int port) => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}");

    public async ValueTask DisposeAsync() => await Task.WhenAll(_all.Select(instance => StopAsync(instance.App)));

    private static WebApplication Build(LocalStore store, int port, IEnumerable<KeyValuePair<string, string?>> tier, UserWriter writer)
    {
        var app = LookupHost.Create([], SettingsOf(store, port).Concat(tier));
        LocalUsersEndpoint.Map(app, writer);
        return app;
    }

    private static Dictionary<string, string?> SettingsOf(int? tierPort) => tierPort is not { } port ? [] : new()
    {
        ["Lookup:SharedTier"] = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}"),
        ["Lookup:SharedTierKey:0"] = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)),
    };

    // Other settings can be set in the environment, such as Lookup__MaxStaleness. So can the feed mode, but its default is different here:
    // with the service's own default, which shows no deletes, a deleted user would still be served for minutes.
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
        using var timeout = new CancellationTokenSource(StartTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        using var client = new HttpClient { BaseAddress = new Uri(AddressOf(port)) };
        try
        {
            while (await GetStatusAsync(client, either.Token) != HttpStatusCode.OK)
                await Task.Delay(PollInterval, _time, either.Token);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new LocalRunException(
                $"The service on {AddressOf(port)} was not ready after {StartTimeout.TotalSeconds:N0} s; see its log messages above.");
        }
    }

    private static async Task<HttpStatusCode> GetStatusAsync(HttpClient client, CancellationToken cancellation)
    {
        using var response = await client.GetAsync(new Uri("/api/health/ready", UriKind.Relative), cancellation);
        return response.StatusCode;
    }

    private async Task StopAsync(WebApplication app)
    {
        using var timeout = new CancellationTokenSource(StopTimeout, _time);
        try
        {
            await app.StopAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            // Requests that are still in progress after the timeout are aborted.
        }

        await app.DisposeAsync();
    }
}
