// The servers that Lookup is compared with over HTTP. Each is a separate process, published and hosted like the service.
using Lookup.Benchmarks.Http.Servers;

return args switch
{
    ["bare", var responseFile, .. var rest] => await BareEndpoint.RunAsync(responseFile, withRoute: false, rest),
    ["route", var responseFile, .. var rest] => await BareEndpoint.RunAsync(responseFile, withRoute: true, rest),
    ["usual", var connection, .. var rest] => await CacheAsideSample.RunAsync(connection, rest),
    _ => Refuse(),
};

static int Refuse()
{
    Console.Error.WriteLine("The first argument is not a contender. Use: bare <response file>, route <response file> or usual <connection string>.");
    return 1;
}
