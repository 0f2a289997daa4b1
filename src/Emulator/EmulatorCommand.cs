using System.CommandLine;

namespace Lookup.Emulator;

/// <summary>The command line: <c>dotnet run --project src/Emulator -- --port 8081 --ranges 4</c>.</summary>
internal static class EmulatorCommand
{
    private const int DefaultPort = 8081;
    private const int Failed = 1;

    public static RootCommand Create()
    {
        var port = new Option<int>("--port") { Description = "The TCP port on the loopback address (0 takes a free one).", DefaultValueFactory = _ => DefaultPort };
        var ranges = new Option<int>("--ranges") { Description = "Physical ranges of a new container, 1 to 16.", DefaultValueFactory = _ => 1 };
        var command = new RootCommand("A local Cosmos DB endpoint for Microsoft.Azure.Cosmos in gateway mode. What it holds is gone when it ends.") { port, ranges };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            new CosmosEmulatorOptions { Port = parsed.GetValue(port), Ranges = parsed.GetValue(ranges) },
            cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(CosmosEmulatorOptions options, CancellationToken cancellationToken)
    {
        try
        {
            await using var emulator = await CosmosEmulator.StartAsync(options, cancellationToken);
            Console.WriteLine($"Cosmos DB endpoint: {emulator.Endpoint}");
            Console.WriteLine($"Connection string:  {emulator.ConnectionString}");
            await WaitForEndAsync(cancellationToken);
            return 0;
        }
        catch (ArgumentOutOfRangeException e)
        {
            return Fail($"--{e.ParamName?.ToLowerInvariant()}: {e.Message}");
        }
        catch (IOException e)
        {
            return Fail($"Port {options.Port} cannot be listened on ({e.Message.TrimEnd('.')}); choose another with --port.");
        }
    }

    // System.CommandLine cancels the token on Ctrl-C and SIGTERM.
    private static async Task WaitForEndAsync(CancellationToken cancellationToken)
    {
        var end = new TaskCompletionSource();
        await using var registration = cancellationToken.Register(end.SetResult);
        await end.Task;
    }

    private static int Fail(string message)
    {
        Console.Error.WriteLine(message);
        return Failed;
    }
}
