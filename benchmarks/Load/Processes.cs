using System.Net;
using System.Reflection;
using Lookup.Benchmarks.Shared;
using Lookup.Emulator;
using Lookup.Support;

namespace Lookup.Benchmarks.Load;

/// <summary>The processes of the service and of the Cosmos DB endpoint, on separate cores if there are enough.</summary>
internal sealed class Processes : IDisposable
{
    private readonly ChildProcess _endpoint;
    private readonly ChildProcess _service;

    private Processes(ChildProcess endpoint, ChildProcess service, Uri address, IPEndPoint serviceAddress) =>
        (_endpoint, _service, Endpoint, Service) = (endpoint, service, address, serviceAddress);

    public Uri Endpoint { get; }

    public IPEndPoint Service { get; }

    public string ConnectionString => ConnectionStringOf(Endpoint);

    /// <summary>Gets the working set of the service, in MiB.</summary>
    public double ServiceMemory => _service.WorkingSet / 1048576.0;

    /// <summary>Gets the processor time that the service has used.</summary>
    public TimeSpan ServiceProcessorTime => _service.ProcessorTime;

    /// <summary>Starts both processes.</summary>
    /// <param name="serviceCores">The number of cores for the service; the endpoint and the generator use the others.</param>
    /// <param name="settings">Further settings of the service.</param>
    public static async Task<Processes> StartAsync(int serviceCores, IEnumerable<string> settings)
    {
        var cores = Environment.ProcessorCount;
        var own = Pinning.IsPossible && serviceCores < cores ? Pinning.Range(0, serviceCores - 1) : null;
        var others = own is null ? null : Pinning.Range(serviceCores, cores - 1);
        if (others is not null) // all threads of this process
            await ChildProcess.RunAsync(Pinning.Program, ["-a", "-p", "-c", others, $"{Environment.ProcessId}"], [], CancellationToken.None);

        var address = new Uri($"http://127.0.0.1:{FreePort.Next()}/");
        var serviceAddress = new IPEndPoint(IPAddress.Loopback, FreePort.Next());
        var endpoint = Start("Emulator", others, ["--port", $"{address.Port}", "--ranges", "4"], []);
        var service = Start("Functions", own, ["--urls", $"http://{serviceAddress}"],
        [
            $"CosmosConnection={ConnectionStringOf(address)}", "Logging__LogLevel__Default=Error", "COSMOS_DISABLE_IMDS_ACCESS=true", .. settings,
        ]);
        return new Processes(endpoint, service, address, serviceAddress);
    }

    public void Dispose()
    {
        _service.Dispose();
        _endpoint.Dispose();
    }

    private static string ConnectionStringOf(Uri endpoint) => $"AccountEndpoint={endpoint};AccountKey={CosmosEmulator.AccountKey};";

    private static ChildProcess Start(string project, string? cores, string[] arguments, IEnumerable<string> environment)
    {
        var output = typeof(Processes).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(metadata => metadata.Key == "Output").Value!;
        var program = Path.Combine(Publisher.RepositoryRoot, "src", project, output, $"Lookup.{project}.dll");
        if (!File.Exists(program))
            throw new FileNotFoundException($"{program} does not exist. Build it with: dotnet build -c Release benchmarks/Load.");

        var command = Pinning.Command(cores, ["dotnet", program, .. arguments]);
        return ChildProcess.Start(command[0], command[1..], environment.Select(Pair));
    }

    private static (string Name, string? Value) Pair(string setting)
    {
        var at = setting.IndexOf('=', StringComparison.Ordinal);
        return (setting[..at], setting[(at + 1)..]);
    }
}
