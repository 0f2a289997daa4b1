// What Lookup is measured against over HTTP. Each is a process of its own, published and hosted as the service is.
using Lookup.Benchmarks.Http.Servers;

return args switch
{
    ["bare", var answer, .. var rest] => await BareEndpoint.RunAsync(answer, withRoute: false, rest),
    ["route", var answer, .. var rest] => await BareEndpoint.RunAsync(answer, withRoute: true, rest),
    ["usual", var connection, .. var rest] => await UsualSample.RunAsync(connection, rest),
    _ => Refuse(),
};

static int Refuse()
{
    Console.Error.WriteLine("Name the contender: bare <file of the answer>, route <file of the answer> or usual <connection string>.");
    return 1;
}
