using System.Net;
using Lookup.Local;

// At start, the Cosmos SDK queries the metadata address of cloud machines, which does not exist here.
Environment.SetEnvironmentVariable("COSMOS_DISABLE_IMDS_ACCESS", "true");

// This process sends requests only to itself, so no proxy is used.
HttpClient.DefaultProxy = new WebProxy();

using var shutdown = new ShutdownSignal(TimeProvider.System);
var commandLine = new CommandLine((options, cancellation) =>
    new LocalRun(options, Console.Out, Console.Error, drawsProgress: !Console.IsOutputRedirected, TimeProvider.System).RunAsync(cancellation));
return await commandLine.InvokeAsync(args, Console.Out, Console.Error, shutdown.Token);
