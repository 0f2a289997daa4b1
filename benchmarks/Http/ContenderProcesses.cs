using Lookup.Benchmarks.Http.Processes;
using Lookup.Benchmarks.Http.Servers;

namespace Lookup.Benchmarks.Http;

/// <summary>The server processes of all contenders, started and checked for correct responses.</summary>
internal sealed class ContenderProcesses : IAsyncDisposable
{
    private readonly Stack<IAsyncDisposable> _started = [];
    private readonly DirectoryInfo _responses = Directory.CreateTempSubdirectory("lookup-responses-");

    private ContenderProcesses(BenchmarkOptions options)
    {
        Small = new UserSet("1 KB", 's', 1024, options.Users);
        Large = new UserSet("10 KB", 'l', 10 * 1024, options.Users);
    }

    public UserSet Small { get; }

    public UserSet Large { get; }

    public IReadOnlyList<UserSet> Sizes => [Small, Large];

    public ServerProcess Lookup { get; private set; } = null!;

    public ServerProcess Telemetry { get; private set; } = null!;

    public ServerProcess Usual { get; private set; } = null!;

    public Dictionary<UserSet, ServerProcess> Bare { get; } = [];

    /// <summary>
    /// Gets a second set of bare endpoints, in separate processes. Their difference from the first set is the noise of the method. The
    /// set is empty if no target is evaluated.
    /// </summary>
    public Dictionary<UserSet, ServerProcess> Control { get; } = [];

    public ServerProcess Route { get; private set; } = null!;

    public ServerProcess BareNotModified { get; private set; } = null!;

    /// <summary>Gets the entity tags of the small users, in the order of the users.</summary>
    public IReadOnlyList<string> ETags { get; private set; } = [];

    public ExportSink Sink { get; private set; } = null!;

    /// <summary>Starts all servers, and compares their responses.</summary>
    /// <exception cref="BenchmarkException">A server does not respond, or returns an incorrect response.</exception>
    public static async Task<ContenderProcesses> StartAsync(BenchmarkOptions options, Programs programs, Cpus cpus, CancellationToken cancellation)
    {
        var contenders = new ContenderProcesses(options);
        try
        {
            await contenders.StartServersAsync(options, programs, cpus, cancellation);
            return contenders;
        }
        catch
        {
            await contenders.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        while (_started.TryPop(out var one))
            await one.DisposeAsync();
        _responses.Delete(recursive: true);
    }

    private async Task StartServersAsync(BenchmarkOptions options, Programs programs, Cpus cpus, CancellationToken cancellation)
    {
        var store = Keep(await Store.StartAsync(cpus, cancellation));
        await store.PutAsync(Small.Users.Concat(Large.Users), cancellation);
        Sink = Keep(await ExportSink.StartAsync(cancellation));

        string[] free = ["--urls", "http://127.0.0.1:0"];

        // The read deadline is not measured, and a busy machine must not turn the read for an expected hit into an error.
        (string, string)[] settings = [("CosmosConnection", store.ConnectionString), ("Lookup__ReadDeadline", "00:00:30")];
        Lookup = Keep(await ServerProcess.StartAsync([.. programs.Service, .. free], cpus.Server, cancellation, settings));
        Telemetry = Keep(await ServerProcess.StartAsync([.. programs.Service, .. free], cpus.Server, cancellation, [.. settings, .. Sink.Environment]));
        Usual = Keep(await ServerProcess.StartAsync([.. programs.Contenders, "usual", store.ConnectionString, .. free], cpus.Server, cancellation));

        using var check = new ResponseCheck();
        foreach (var size in Sizes)
        {
            await check.UsersAsync(Names.Lookup, Lookup, size, cancellation);
            await check.UsersAsync(Names.Telemetry, Telemetry, size, cancellation);
            await check.UsersAsync(Names.Usual, Usual, size, cancellation);
        }

        await check.BatchAsync(Names.Batch, Lookup, Small, cancellation);
        await StartBareAsync(options, programs, cpus, check, cancellation);
    }

    /// <summary>Starts the bare endpoints with the responses of the service.</summary>
    private async Task StartBareAsync(BenchmarkOptions options, Programs programs, Cpus cpus, ResponseCheck check, CancellationToken cancellation)
    {
        foreach (var size in Sizes)
        {
            var target = size.Targets.First();
            var response = await check.GetAsync(Lookup, target, null, cancellation);
            Bare[size] = await StartAsync("bare", response);
            await check.OneUserAsync(Names.Bare, Bare[size], size, cancellation);
            await check.FieldsAsync(Lookup, Bare[size], target, null, cancellation);
            if (!options.IsSmoke)
                Control[size] = await StartAsync("bare", response);
            if (size == Small)
                Route = await StartAsync("route", response);
        }

        ETags = await Task.WhenAll(Small.Targets.Select(async target => (await check.GetAsync(Lookup, target, null, cancellation)).Fields["ETag"]));
        var notModified = await check.GetAsync(Lookup, Small.Targets.First(), ETags[0], cancellation);
        BareNotModified = await StartAsync("bare", notModified);
        await check.FieldsAsync(Lookup, BareNotModified, Small.Targets.First(), ETags[0], cancellation);

        async Task<ServerProcess> StartAsync(string kind, PreparedResponse prepared)
        {
            var file = Path.Combine(_responses.FullName, $"{_started.Count}.json");
            prepared.Save(file);
            return Keep(await ServerProcess.StartAsync([.. programs.Contenders, kind, file, "--urls", "http://127.0.0.1:0"], cpus.Server, cancellation));
        }
    }

    private T Keep<T>(T started)
        where T : IAsyncDisposable
    {
        _started.Push(started);
        return started;
    }
}
