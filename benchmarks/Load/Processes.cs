using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Reflection;

namespace Lookup.Benchmarks.Load;

/// <summary>The service and the Cosmos DB endpoint, each a process of its own, on cores of their own where there are enough.</summary>
internal sealed class Processes : IDisposable
{
    private const string Key = "C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==";

    private readonly Process _endpoint;
    private readonly Process _service;

    /// <param name="serviceCores">How many cores the service has, from the first; the others are the endpoint's and the generator's.</param>
    /// <param name="settings">Further settings of the service.</param>
    public Processes(int serviceCores, IEnumerable<string> settings)
    {
        var cores = Environment.ProcessorCount;
        var own = CanPin && serviceCores < cores ? $"0-{serviceCores - 1}" : null;
        var others = own is null ? null : $"{serviceCores}-{cores - 1}";
        if (others is not null)
            Pin(others);

        Endpoint = new Uri($"http://127.0.0.1:{FreePort()}/");
        Service = new IPEndPoint(IPAddress.Loopback, FreePort());
        _endpoint = Start("Emulator", others, ["--port", $"{Endpoint.Port}", "--ranges", "4"], []);
        _service = Start("Functions", own, ["--urls", $"http://{Service}"],
        [
            $"CosmosConnection={ConnectionString}", "Logging__LogLevel__Default=Error", "COSMOS_DISABLE_IMDS_ACCESS=true", .. settings,
        ]);
    }

    public Uri Endpoint { get; }

    public IPEndPoint Service { get; }

    public string ConnectionString => $"AccountEndpoint={Endpoint};AccountKey={Key};";

    /// <summary>What the service's process holds in memory, in MiB.</summary>
    public double ServiceMemory
    {
        get
        {
            _service.Refresh();
            return _service.WorkingSet64 / 1048576.0;
        }
    }

    /// <summary>How much processor time the service has used.</summary>
    public TimeSpan ServiceProcessorTime
    {
        get
        {
            _service.Refresh();
            return _service.TotalProcessorTime;
        }
    }

    private static bool CanPin => OperatingSystem.IsLinux() && File.Exists("/usr/bin/taskset");

    public void Dispose()
    {
        foreach (var process in (Process[])[_service, _endpoint])
        {
            if (!process.HasExited)
                process.Kill();
            process.Dispose();
        }
    }

    private static Process Start(string project, string? cores, string[] arguments, IEnumerable<string> environment)
    {
        var metadata = typeof(Processes).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().ToDictionary(pair => pair.Key, pair => pair.Value!);
        var program = Path.Combine(metadata["RepositoryRoot"], "src", project, metadata["Output"], $"Lookup.{project}.dll");
        if (!File.Exists(program))
            throw new FileNotFoundException($"{program} is not there; build with: dotnet build -c Release benchmarks/Load.");

        string[] command = cores is null ? ["dotnet"] : ["/usr/bin/taskset", "-c", cores, "dotnet"];
        var start = new ProcessStartInfo(command[0], [.. command[1..], program, .. arguments]) { RedirectStandardOutput = true };
        foreach (var setting in environment)
        {
            var at = setting.IndexOf('=', StringComparison.Ordinal);
            start.Environment[setting[..at]] = setting[(at + 1)..];
        }

        var process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        return process;
    }

    private static void Pin(string cores)
    {
        using var pinning = Process.Start(new ProcessStartInfo("/usr/bin/taskset", ["-a", "-p", "-c", cores, $"{Environment.ProcessId}"]) { RedirectStandardOutput = true })!;
        pinning.WaitForExit();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
