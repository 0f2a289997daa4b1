using Lookup.Support;
using Microsoft.Azure.Cosmos;

namespace Lookup.Emulator.Tests;

/// <summary>Tests the program in a separate process, as users start it.</summary>
public sealed class ProgramTests
{
    private static readonly string Program = typeof(CosmosEmulator).Assembly.Location;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task Signal_shuts_the_program_down_gracefully_while_a_request_is_held(string signal)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such signals.");
        using var program = Start("--port", "0", "--ranges", "4");
        using var client = Clients.Connect(await ReadConnectionStringAsync(program));
        var container = await Containers.CreateAsync(client);
        using var control = new HttpClient { BaseAddress = client.Endpoint };
        using var fault = new StringContent("""{"operation":"pointRead","delayMs":600000}""");
        using var added = await control.PostAsync(new Uri("_emulator/faults", UriKind.Relative), fault, Cancellation);
        using var leave = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var held = container.ReadItemStreamAsync("u1", new PartitionKey("u1"), cancellationToken: leave.Token);
        await Eventually.IsTrueAsync(
            async () => (await control.GetStringAsync(new Uri("_emulator/stats", UriKind.Relative), Cancellation)).Contains("\"pointReads\":1,", StringComparison.Ordinal),
            "the read is held");

        await program.SignalAsync(signal);

        Assert.Equal(0, await Eventually.EndsAsync(program.WaitForExitAsync(Cancellation), "the program ends before the request that it holds"));
        await leave.CancelAsync(); // the client would retry for minutes
        await Assert.ThrowsAnyAsync<Exception>(() => held);
    }

    [Theory]
    [InlineData("--port", "70000")]
    [InlineData("--port", "eighty")]
    [InlineData("--ranges", "0")]
    [InlineData("--ranges", "65")]
    [InlineData("--listen", "nowhere")]
    [InlineData("--key", "not base64")]
    [InlineData("--colour", "red")]
    public async Task Invalid_argument_exits_with_1_and_names_the_argument(string name, string value)
    {
        var (exitCode, _, error) = await ChildProcess.RunAsync("dotnet", [Program, name, value], [], Cancellation);

        Assert.Equal(1, exitCode);
        Assert.Contains(name, error);
        Assert.DoesNotContain("   at ", error);
    }

    [Fact]
    public async Task Port_in_use_exits_with_1_and_a_one_line_message_that_names_the_option()
    {
        await using var other = await CosmosEmulator.StartAsync(new CosmosEmulatorOptions(), Cancellation);
        var (exitCode, _, error) = await ChildProcess.RunAsync("dotnet", [Program, "--port", $"{other.Port}"], [], Cancellation);

        Assert.Equal(1, exitCode);
        Assert.Contains("--port", Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
    }

    [Fact]
    public async Task Start_prints_a_connection_string_that_works()
    {
        using var program = Start("--port", "0");
        using var client = Clients.Connect(await ReadConnectionStringAsync(program));

        var account = await client.ReadAccountAsync();

        Assert.NotEmpty(account.Id);
    }

    private static ChildProcess Start(params string[] arguments) => ChildProcess.Start("dotnet", [Program, .. arguments]);

    /// <summary>Reads the connection string from the second line, which the program prints when it listens.</summary>
    private static async Task<string> ReadConnectionStringAsync(ChildProcess program)
    {
        var line = await program.LineAsync(line => line.StartsWith("Connection string: ", StringComparison.Ordinal)).WaitAsync(Cancellation);
        return line!.Split(": ", 2)[1].Trim();
    }
}
