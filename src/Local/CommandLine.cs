using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Lookup.Local.Load;

namespace Lookup.Local;

/// <summary>Reads the flags, and says in a sentence which of them is wrong.</summary>
internal sealed class CommandLine
{
    private const string Summary =
        "Starts a local Cosmos DB endpoint, writes sample users into it and runs the Lookup service over them. "
        + "Everything listens on 127.0.0.1 only and lives in memory.";

    private readonly Option<int> _users;
    private readonly Option<int> _port;
    private readonly Option<int> _cosmosPort;
    private readonly Option<int> _instances;
    private readonly Option<int> _ranges;
    private readonly Option<bool> _load;
    private readonly RootCommand _command;

    public CommandLine(Func<LocalOptions, CancellationToken, Task<int>> run)
    {
        var defaults = new LocalOptions();
        _users = Number("--users", "Sample users to write: u1, u2, …", defaults.Users, 0, 1_000_000);
        _port = Number("--port", "Port of the service (of its first instance)", defaults.Port, 1, ushort.MaxValue);
        _cosmosPort = Number("--cosmos-port", "Port of the Cosmos DB endpoint", defaults.CosmosPort, 1, ushort.MaxValue);
        _instances = Number("--instances", "Instances of the service, each on a port and with a memory of its own", defaults.Instances, 1, 16);
        _ranges = Number("--ranges", "Feed ranges (physical partitions) of the users' container", defaults.Ranges, 1, 16);
        _load = new Option<bool>("--load")
        {
            Description = string.Create(
                CultureInfo.InvariantCulture,
                $"Look users up and change some, {LoadGenerator.LookupsPerSecond} and {LoadGenerator.ChangesPerSecond} times a second, so that the dashboard moves"),
        };
        _command = new RootCommand(Summary) { _users, _port, _cosmosPort, _instances, _ranges, _load };
        _command.SetAction((parsed, cancellation) => run(Read(parsed), cancellation));
    }

    /// <summary>Does what the arguments ask for.</summary>
    /// <returns>The exit code: 1 where an argument is wrong, and then nothing was started.</returns>
    public async Task<int> InvokeAsync(IReadOnlyList<string> args, TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        var parsed = _command.Parse(args);
        var problems = parsed.Errors.Select(flaw => flaw.Message).ToList();
        if (problems.Count == 0 && Read(parsed).FindConflict() is { } conflict)
            problems.Add(conflict);

        if (problems.Count > 0)
        {
            foreach (var problem in problems.Distinct())
                await error.WriteLineAsync(problem.AsMemory(), cancellation);
            await error.WriteLineAsync("--help lists the flags.".AsMemory(), cancellation);
            return 1;
        }

        // No termination timeout: ending in time is the run's own work, and it answers with an exit code of its own.
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
    };

    private static Option<int> Number(string name, string description, int standard, int least, int most)
    {
        var range = string.Create(CultureInfo.InvariantCulture, $"{least:N0} to {most:N0}");
        return new Option<int>(name)
        {
            Description = $"{description} ({range})",
            HelpName = "N",
            DefaultValueFactory = _ => standard,
            CustomParser = result => ReadNumber(result, name, range, least, most),
        };
    }

    private static int ReadNumber(ArgumentResult result, string name, string range, int least, int most)
    {
        var text = result.Tokens[0].Value;
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && number >= least
            && number <= most)
            return number;

        result.AddError($"{name} is '{text}'; it must be a whole number, {range}.");
        return least;
    }
}
