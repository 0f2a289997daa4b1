using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;

namespace Lookup.Emulator;

/// <summary>The command line: <c>dotnet run --project src/Emulator -- --port 8081 --ranges 4</c>.</summary>
internal static class EmulatorCommand
{
    private const int DefaultPort = 8081;
    private const int Failed = 1;

    private static readonly Option<int> Port =
        WholeNumber("--port", 0, 65535, DefaultPort, "The TCP port to listen on, 0 to 65535; 0 takes a free one.");

    private static readonly Option<int> Ranges =
        WholeNumber("--ranges", 1, CosmosEmulatorOptions.MaxRanges, 1, "The physical ranges of a new container, 1 to 16.");

    private static readonly Option<string> Listen = new("--listen")
    {
        Description = "The address to listen on. Any but a loopback address lets other machines in, over plain http.",
        DefaultValueFactory = _ => IPAddress.Loopback.ToString(),
    };

    private static readonly Option<string> Key = new("--key")
    {
        Description = "The account's key, in base64; by default the one that is published for emulators.",
        DefaultValueFactory = _ => CosmosEmulator.AccountKey,
    };

    private static readonly Option<bool> Throttle = new("--throttle")
    {
        Description = "Answer 429 when a container's throughput is exceeded.",
    };

    private static readonly Option<bool> PreviousImages = new("--previous-images")
    {
        Description = "Put the version before each change into the change feed of all versions and deletes.",
    };

    public static Task<int> RunAsync(string[] args)
    {
        var command = new RootCommand("A local Cosmos DB endpoint for Microsoft.Azure.Cosmos in gateway mode. What it holds is gone when it ends.")
        {
            Port, Ranges, Listen, Key, Throttle, PreviousImages,
        };
        command.SetAction(RunAsync);
        // Without a timeout, the library leaves signals to RunAsync; it would take them too late, and turn a slow end into exit code 130.
        return command.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        if (!IPAddress.TryParse(arguments.GetValue(Listen), out var address))
            return Fail($"--listen is '{arguments.GetValue(Listen)}'; it takes an IP address, such as 127.0.0.1 or 0.0.0.0.");
        var options = new CosmosEmulatorOptions
        {
            Port = arguments.GetValue(Port),
            Ranges = arguments.GetValue(Ranges),
            ListenAddress = address,
            Key = arguments.GetValue(Key)!,
            EnforceThroughput = arguments.GetValue(Throttle),
            IncludePreviousImages = arguments.GetValue(PreviousImages),
        };
        // Before anything is printed: whoever reads the address may send a signal at once, and without handlers it would kill the process.
        var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        try
        {
            await using var emulator = await CosmosEmulator.StartAsync(options, cancellationToken);
            Console.WriteLine($"Cosmos DB endpoint: {emulator.Endpoint}");
            Console.WriteLine($"Connection string:  {emulator.ConnectionString}");
            if (!IPAddress.IsLoopback(address))
                Console.WriteLine($"Warning: {address} lets other machines in, over plain http and with a key that may be public.");
            await end.Task.WaitAsync(cancellationToken);
            return 0;
        }
        catch (ArgumentOutOfRangeException e) when (e.ParamName == nameof(CosmosEmulatorOptions.Key))
        {
            return Fail($"--key is '{options.Key}'; it takes base64.");
        }
        catch (IOException e)
        {
            return Fail($"Port {options.Port} cannot be listened on ({e.Message.TrimEnd('.')}); choose another with --port.");
        }
        catch (System.Net.Sockets.SocketException e)
        {
            return Fail($"{address} cannot be listened on ({e.Message}); choose an address of this machine with --listen.");
        }

        // Ctrl-C and SIGTERM end the process in order, by leaving this method, and not by the runtime's own abrupt exit.
        void End(PosixSignalContext signal)
        {
            signal.Cancel = true;
            end.TrySetResult();
        }
    }

    private static Option<int> WholeNumber(string name, int min, int max, int defaultValue, string description) => new(name)
    {
        Description = description,
        DefaultValueFactory = _ => defaultValue,
        CustomParser = result =>
        {
            var text = result.Tokens.Count == 0 ? "" : result.Tokens[^1].Value;
            var isNumber = int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number);
            if (isNumber && number >= min && number <= max) return number;
            result.AddError($"{name} is '{text}'; it takes a whole number from {min} to {max}.");
            return defaultValue;
        },
    };

    private static int Fail(string sentence)
    {
        Console.Error.WriteLine(sentence);
        return Failed;
    }
}
