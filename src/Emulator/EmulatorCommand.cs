using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;

namespace Lookup.Emulator;

/// <summary>The command line, such as <c>dotnet run --project src/Emulator -- --port 8081 --ranges 4</c>.</summary>
internal static class EmulatorCommand
{
    private const int DefaultPort = 8081;
    private const int Failed = 1;

    private static readonly Option<int> Port =
        WholeNumber("--port", 0, 65535, DefaultPort, "The TCP port to listen on, 0 to 65535; 0 selects a free port.");

    private static readonly Option<int> Ranges =
        WholeNumber("--ranges", 1, CosmosEmulatorOptions.MaxRanges, 1, "The number of physical ranges of a new container, 1 to 64.");

    private static readonly Option<string> Listen = new("--listen")
    {
        Description = "The address to listen on. An address other than loopback is accessible to other machines, over plain HTTP.",
        DefaultValueFactory = _ => IPAddress.Loopback.ToString(),
    };

    private static readonly Option<string> Key = new("--key")
    {
        Description = "The account key, in base64. The default is the key that Microsoft publishes for emulators.",
        DefaultValueFactory = _ => CosmosEmulator.AccountKey,
    };

    private static readonly Option<bool> Throttle = new("--throttle")
    {
        Description = "Reject requests with 429 when a container's throughput is exceeded.",
    };

    private static readonly Option<bool> PreviousImages = new("--previous-images")
    {
        Description = "Include the version before each change in the all-versions-and-deletes feed.",
    };

    public static Task<int> RunAsync(string[] args)
    {
        const string Summary =
            "A local Cosmos DB endpoint for Microsoft.Azure.Cosmos in gateway mode. All data is in memory and is discarded on exit.";
        var command = new RootCommand(Summary)
        {
            Port, Ranges, Listen, Key, Throttle, PreviousImages,
        };
        command.SetAction(RunAsync);
        // Without a timeout, the library leaves signals to RunAsync. It would register its handlers too late, and end a slow shutdown with
        // exit code 130.
        return command.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        if (!IPAddress.TryParse(arguments.GetValue(Listen), out var address))
            return Fail($"--listen is '{arguments.GetValue(Listen)}'; it must be an IP address, such as 127.0.0.1 or 0.0.0.0.");
        var options = new CosmosEmulatorOptions
        {
            Port = arguments.GetValue(Port),
            Ranges = arguments.GetValue(Ranges),
            ListenAddress = address,
            Key = arguments.GetValue(Key)!,
            EnforceThroughput = arguments.GetValue(Throttle),
            IncludePreviousImages = arguments.GetValue(PreviousImages),
        };
        // Registered before anything is printed: a program that reads the address can send a signal immediately, and without handlers
        // the signal would kill the process.
        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        try
        {
            await using var emulator = await CosmosEmulator.StartAsync(options, cancellationToken);
            Console.WriteLine($"Cosmos DB endpoint: {emulator.Endpoint}");
            Console.WriteLine($"Connection string:  {emulator.ConnectionString}");
            if (!IPAddress.IsLoopback(address))
                Console.WriteLine($"Warning: {address} is accessible to other machines, over plain HTTP and with a key that may be public.");
            await stop.Task.WaitAsync(cancellationToken);
            return 0;
        }
        catch (ArgumentOutOfRangeException e) when (e.ParamName == nameof(CosmosEmulatorOptions.Key))
        {
            return Fail($"--key is '{options.Key}'; it must be base64.");
        }
        catch (IOException e)
        {
            return Fail($"Cannot listen on port {options.Port} ({e.Message.TrimEnd('.')}); use --port to choose another.");
        }
        catch (System.Net.Sockets.SocketException e)
        {
            return Fail($"Cannot listen on {address} ({e.Message}); use --listen to choose an address of this machine.");
        }

        // Ctrl-C and SIGTERM make RunAsync return, so that the emulator is disposed of, instead of terminating the process immediately.
        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.TrySetResult();
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
            result.AddError($"{name} is '{text}'; it must be a whole number from {min} to {max}.");
            return defaultValue;
        },
    };

    private static int Fail(string message)
    {
        Console.Error.WriteLine(message);
        return Failed;
    }
}
