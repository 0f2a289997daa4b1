using System.Globalization;
using Lookup.Local.Load;

namespace Lookup.Local;

/// <summary>The lines that a run prints at startup.</summary>
internal sealed class StartupBanner(LocalOptions options, TextWriter output)
{
    public void WriteStore(Uri endpoint) => WriteLine(
        $"Cosmos DB endpoint  {endpoint.AbsoluteUri.TrimEnd('/')}  (database {LocalStore.Database}, container {LocalStore.ContainerName}, feed ranges: {options.Ranges})");

    public void WriteTier(int port) => WriteLine($"Shared tier         redis-server on 127.0.0.1:{port}");

    public void WriteSeeded(TimeSpan took)
    {
        if (options.Users == 0)
            WriteLine($"Sample users        none");
        else
            WriteLine($"Sample users        {options.Users:N0} (u1 to u{options.Users}), written in {took.TotalSeconds:N1} s");
    }

    public void WriteInstances()
    {
        foreach (var port in options.InstancePorts)
        {
            WriteLine($"Service             {Instances.AddressOf(port)}");
            WriteLine($"  dashboard         {Instances.AddressOf(port)}/api/dashboard");
        }

        WriteLine($"API reference       {Instances.AddressOf(options.Port)}/api/docs/");
        if (options.Load)
            WriteLine($"Load                {LoadGenerator.LookupsPerSecond} lookups and {LoadGenerator.ChangesPerSecond} changes per second");
    }

    public void WriteReady(TimeSpan took, Uri endpoint)
    {
        var first = Instances.AddressOf(options.Port);
        var last = Instances.AddressOf(options.InstancePorts.Last());
        var id = options.Users >= 42 ? "u42" : "u1";
        WriteLine($"""

            Ready after {took.TotalSeconds:N1} s. In another terminal, try:

              curl -i {first}/api/users/{id}
                  a miss at first, then hits: see the header Cache-Status
              curl -X PUT -d '{"{"}"displayName":"New"{"}"}' {first}/local/users/{id}
                  changes the user in the store; the service observes it through the change feed
              curl -i {last}/api/users/{id}
                  returns the new name, on every instance, within two seconds of the change
              curl {endpoint}_emulator/stats
                  the number of requests to the endpoint: hits send none

            Press Ctrl-C to stop; all data is discarded.
            """);
    }

    private void WriteLine(FormattableString text) => output.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
