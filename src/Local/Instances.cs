using System.Globalization;
using System.Net;
using Lookup.Functions.Hosting;
using Lookup.Local.Door;

namespace Lookup.Local;

/// <summary>Instances of the service over one store, each with a port, a Cosmos client and a memory of its own.</summary>
internal sealed class Instances : IAsyncDisposable
{
    // Together with the endpoint's end this stays below the two seconds after which the process ends anyway.
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(25);

    private readonly List<WebApplication> _apps = [];
    private readonly IReadOnlyList<int> _ports;
    private readonly TimeProvider _time;

    private Instances(IReadOnlyList<int> ports, TimeProvider time)
    {
        _ports = ports;
        _time = time;
    }

    /// <summary>Starts the instances; each answers when the task is done.</summary>
    /// <exception cref="LocalProblem">A port cannot be listened on, or an instance does not become ready.</exception>
    /// <exception cref="LookupSettingsException">A setting of the service, from the environment, is wrong.</exception>
    public static async Task<Instances> StartAsync(LocalStore store, IEnumerable<int> ports, TimeProvider time, CancellationToken cancellation)
    {
        var instances = new Instances([.. ports], time);
        try
        {
            var writer = new UserWriter(store.Users);
            foreach (var port in instances._ports)
            {
                var app = LookupHost.Create([], SettingsOf(store, port));
                instances._apps.Add(app);
                UserDoor.Map(app, writer);
            }

            await Task.WhenAll(instances._apps.Zip(instances._ports, (app, port) => ListenAsync(app, port, cancellation)));
            await Task.WhenAll(instances._ports.Select(port => instances.AwaitReadyAsync(port, cancellation)));
            return instances;
        }
        catch
        {
            await instances.DisposeAsync();
            throw;
        }
    }

    /// <summary>Where an instance is.</summary>
    public static string AddressOf(int port) => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}");

    public async ValueTask DisposeAsync() => await Task.WhenAll(_apps.Select(StopAsync));

    private static Dictionary<string, string?> SettingsOf(LocalStore store, int port) => new()
    {
        ["urls"] = AddressOf(port),
        ["CosmosConnection"] = store.ConnectionString,
        ["Lookup:Database"] = LocalStore.Database,
        ["Lookup:Container"] = LocalStore.ContainerName,
        ["Lookup:PartitionKeyPath"] = LocalStore.PartitionKeyPath,
        ["Lookup:AlternateKeys:0"] = "/email",
        ["Lookup:HiddenFields:0"] = "/passwordHash",
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
        using var patience = new CancellationTokenSource(StartPatience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
        using var client = new HttpClient { BaseAddress = new Uri(AddressOf(port)) };
        try
        {
            while (await LookAsync(client, either.Token) != HttpStatusCode.OK)
                await Task.Delay(BetweenLooks, _time, either.Token);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new LocalProblem($"The service on {AddressOf(port)} was not ready after {StartPatience.TotalSeconds:N0} s; its log above says why.");
        }
    }

    private static async Task<HttpStatusCode> LookAsync(HttpClient client, CancellationToken cancellation)
    {
        using var response = await client.GetAsync(new Uri("/", UriKind.Relative), cancellation);
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
