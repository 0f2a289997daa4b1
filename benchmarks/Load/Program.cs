// Measures the capacity of one instance, and its behavior under overload. See docs/benchmarks.md, "Under load".
using System.CommandLine;
using System.Globalization;
using Lookup.Benchmarks.Load;

var smoke = new Option<bool>("--smoke") { Description = "Runs for less than half a minute, to verify that it works. The measurements are not meaningful." };
var scenario = new Option<string?>("--scenario") { Description = "Runs only one scenario: hits, mixed or slow." };
scenario.AcceptOnlyFromAmong([.. Scenario.All.Select(each => each.Name)]);
var output = new Option<FileInfo?>("--out") { Description = "A file to write the tables to, as Markdown." };
var cores = new Option<int>("--service-cores") { Description = "Cores for the service, the first ones.", DefaultValueFactory = _ => Math.Max(1, Environment.ProcessorCount / 2) };
var connections = new Option<int?>("--connections") { Description = "The maximum number of requests in flight." };
var settings = new Option<string[]>("--setting") { Description = "A setting of the service, such as Lookup__StoreConcurrency=32; can be repeated." };
var command = new RootCommand("Measures the service at constant arrival rates, up to the knee and beyond it.") { smoke, scenario, output, cores, connections, settings };
command.SetAction(async (arguments, cancellationToken) =>
{
    var size = arguments.GetValue(smoke) ? RunSize.Smoke : RunSize.Full;
    if (arguments.GetValue(connections) is { } given)
        size = size with { Connections = given };
    var results = new List<ScenarioResult>();
    var only = arguments.GetValue(scenario) ?? (arguments.GetValue(smoke) ? "slow" : null); // which includes the requests of all others
    foreach (var each in Scenario.All.Where(each => only is null || only == each.Name))
    {
        Console.WriteLine($"{each.Name}: {each.Description}");
        using var processes = await Processes.StartAsync(
            arguments.GetValue(cores), ["Lookup__MaxUnseenDelete=1.00:00:00", .. arguments.GetValue(settings) ?? []]);
        await Users.WriteAsync(processes.ConnectionString, size.Users);
        var tags = await Users.WarmAsync(processes.Service, size.Users);
        var workload = Workload.Draw(processes.Service.ToString(), tags, each.Shares);
        var result = await new Experiment(each, processes, workload, size, Show).RunAsync();
        results.Add(result);
        Console.WriteLine($"\n{Report.Of(result)}");
    }

    if (arguments.GetValue(output) is { } file)
        await File.WriteAllTextAsync(file.FullName, string.Join('\n', results.Select(Report.Of)), cancellationToken);
    return arguments.GetValue(smoke) || results.TrueForAll(result => result.IsHeld) ? 0 : 1;
});

var crowd = new Option<int>("--connections") { Description = "The number of clients of the flood.", DefaultValueFactory = _ => 2000 };
var seconds = new Option<int>("--seconds") { Description = "The length of each flood, in seconds.", DefaultValueFactory = _ => 10 };
var floods = new Command("floods", "Measures the latency of one client's hits while many others send requests that need no key, and do not read the responses.") { crowd, seconds };
floods.SetAction(async (arguments, cancellationToken) =>
{
    const string Key = "key-of-the-other-client";
    using var processes = await Processes.StartAsync(Environment.ProcessorCount, [$"Lookup__AdminKeys__0={Key}", "Lookup__MaxUnseenDelete=1.00:00:00"]);
    await Users.WriteAsync(processes.ConnectionString, 100);
    await Users.WarmAsync(processes.Service, 100, Key);
    var flood = new Flood(processes.Service, arguments.GetValue(crowd), TimeSpan.FromSeconds(arguments.GetValue(seconds)));
    Console.WriteLine("| flood | hits | p50 ms | p99 ms | worst ms | service's processor s | MiB |\n|---|--:|--:|--:|--:|--:|--:|");
    foreach (var (name, request) in Flood.All)
    {
        var before = processes.ServiceProcessorTime;
        var latencies = await flood.RunAsync(name, request, Key);
        Console.WriteLine(Flood.Row(name, latencies, processes.ServiceProcessorTime - before, processes.ServiceMemory));
    }
});
command.Subcommands.Add(floods);
return await command.Parse(args).InvokeAsync();

static void Show(Step step) => Console.WriteLine(string.Create(
    CultureInfo.InvariantCulture,
    $"  {step.Rate,9:N0}/s {step.Name,-30} in time {step.Goodput,9:N0}/s  503 {step.Share(Outcome.Shed),6:P1}  abandoned {step.Share(Outcome.GivenUp),6:P1}  failed {step.Share(Outcome.Failed),6:P1}  p50 {step.Percentile(0.5),7:0.00}  p99 {step.Percentile(0.99),7:0.0}  p99.9 {step.Percentile(0.999),7:0.0} ms  503s {step.ShedPercentile(0.99),6:0.0}  cores {step.Cores:0.0}  {step.Memory:0} MiB  idle {step.GeneratorIdle:P0}"));
