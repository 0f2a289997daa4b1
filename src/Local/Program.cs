using System.Net;
using Lookup.Local;

// The Cosmos SDK asks a cloud metadata address who it is at start; there is nobody to answer here.
Environment.SetEnvironmentVariable("COSMOS_DISABLE_IMDS_ACCESS", "true");

// All that this process talks to is itself: a proxy for the outside world could not reach it.
HttpClient.DefaultProxy = new WebProxy();

using var end = new ShutdownSignal(TimeProvider.System);
var commandLine = new CommandLine((options, cancellation) =>
    new LocalRun(options, Console.Out, Console.Error, drawsProgress: !Console.IsOutputRedirected, TimeProvider.System).RunAsync(cancellation));
return await commandLine.InvokeAsync(args, Console.Out, Console.Error, end.Token);
