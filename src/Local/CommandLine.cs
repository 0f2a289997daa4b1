using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Lookup.Local.Load;

namespace Lookup.Local;

/// <summary>The command line of a local run.</summary>
internal sealed class CommandLine
{
    private const string Summary =
        "Starts a local Cosmos DB endpoint, writes sample users to it, and runs the Lookup service against it. "
        + "All ports are open on 127.0.0.1 only. All data is in memory and is discarded on exit.";

    private readonly Option<int> _users;
    private readonly Option<int> _port;
    private readonly Option<int> _cosmosPort;
    private readonly Option<int> _instances;
    private readonly Option<int> _ranges;
    private readonly Option<bool> _load;
    private readonly Option<bool> _shared;
    private readonly RootCommand _command;

    public CommandLine(Func<LocalOptions, CancellationToken, Task<int>> run)
    {
        var defaults = new LocalOptions();
        _users = Number("--users", "Number of sample users to write: u1, u2, …", defaults.Users, 0, 1_000_000);
        _port = Number("--port", "Port of the service; further instances use the next ports", defaults.Port, 1, ushort.MaxValue);
        _cosmosPort = Number("--cosmos-port", "Port of the Cosmos DB endpoint", defaults.CosmosPort, 1, ushort.MaxValue);
        _instances = Number("--instances", "Number of instances of the service, each with its own port and cache", defaults.Instances, 1, 16);
        _ranges = Number("--ranges", "Number of feed ranges (physical partitions) of the users' container", defaults.Ranges, 1, 16);
        _load = new Option<bool>("--load")
        {
            Description = string.Create(
                CultureInfo.InvariantCulture,
                $"Look up {LoadGenerator.LookupsPerSecond} users and change {LoadGenerator.ChangesPerSecond} users per second, as a demonstration"),
        };
        _shared = new Option<bool>("--shared") { Description = "Start redis-server, in which the instances find the users that other instances have read" };
        _command = new RootCommand(Summary) { _users, _port, _cosmosPort, _instances, _ranges, _load, _shared };
        _command.SetAction((parsed, cancellation) => run(Read(parsed), cancellation));
    }

    /// <summary>Parses the arguments and starts the run.</summary>
    /// <returns>The exit code of the run, or 1 if an argument is not valid and nothing was started.</returns>
    public async Task<int> InvokeAsync(IReadOnlyList<string> args, TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        var parsed = _command.Parse(args);
        var messages = parsed.Errors.Select(parseError => parseError.Message).ToList();
        if (messages.Count == 0 && Read(parsed).FindConflict() is { } conflict)
            messages.Add(conflict);

        if (messages.Count > 0)
        {
            foreach (var message in messages.Distinct())
                await error.WriteLineAsync(message.AsMemory(), cancellation);
            await error.WriteLineAsync("Use --help to list the flags.".AsMemory(), cancellation);
            return 1;
        }

        // No termination timeout: the run itself ends in time and returns its own exit code.
        var invocation = new InvocationConfiguration
        {
            Output = output,
            Error = error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        };
        return await parsed.InvokeAsync(invocation, cancellation);
    }

    private LocalOptions Read(ParseResult parsed) => new()
    {
        Users = parsed.GetValue(_users),
        Port = parsed.GetValue(_port),
        CosmosPort = parsed.GetValue(_cosmosPort),
        Instances = parsed.GetValue(_instances),
        Ranges = parsed.GetValue(_ranges),
        Load = parsed.GetValue(_load),
        Shared = parsed.GetValue(_shared),
    };

    private static Option<int> Number(string name, string description, int defaultValue, int min, int max)
    {
        var range = string.Create(CultureInfo.InvariantCulture, $"{min:N0} to {max:N0}");
        return new Option<int>(name)
        {
            Description = $"{description} ({range})",
            HelpName = "N",
            DefaultValueFactory = _ => defaultValue,
            CustomParser = result => ReadNumber(result, name, range, min, max),
        };
    }

    private static int ReadNumber(ArgumentResult result, string name, string range, int min, int max)
    {
        var text = result.Tokens[0].Value;
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && number >= min
            && number <= max)
            return number;

        result.AddError($"{name} is '{text}'; it must be a whole number, {range}.");
        return min;
    }
}
