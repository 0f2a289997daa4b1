using System.Diagnostics;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace Lookup.Emulator.Tests;

/// <summary>The program as its users start it: a process of its own.</summary>
public sealed partial class ProgramTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("SIGTERM")]
    [InlineData("SIGINT")]
    public async Task Signal_ends_it_within_two_seconds(string signal)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such signals.");
        using var program = Start("--port", "0", "--ranges", "4");
        var port = await ReadPortAsync(program);
        // A connection that is held open must not hold up the end.
        using var held = new TcpClient("127.0.0.1", port);
        var sent = TimeProvider.System.GetTimestamp();

        using (Process.Start("kill", ["-s", signal[3..], program.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)])) await program.WaitForExitAsync(Cancelled);

        Assert.True(TimeProvider.System.GetElapsedTime(sent) < TimeSpan.FromSeconds(2));
        Assert.Equal(0, program.ExitCode);
    }

    [Theory]
    [InlineData("--port", "70000")]
    [InlineData("--port", "eighty")]
    [InlineData("--ranges", "0")]
    [InlineData("--ranges", "17")]
    [InlineData("--listen", "nowhere")]
    [InlineData("--key", "not base64")]
    [InlineData("--colour", "red")]
    public async Task Bad_argument_ends_it_with_1_and_names_the_argument(string name, string value)
    {
        using var program = Start(name, value);

        var error = await program.StandardError.ReadToEndAsync(Cancelled);
        await program.WaitForExitAsync(Cancelled);

        Assert.Equal(1, program.ExitCode);
        Assert.Contains(name, error);
        Assert.DoesNotContain("   at ", error);
    }

    [Fact]
    public async Task Taken_port_ends_it_with_1_and_one_sentence_that_names_the_way_out()
    {
        await using var other = await CosmosEmulator.StartAsync(new CosmosEmulatorOptions(), Cancelled);
        using var program = Start("--port", other.Port.ToString(System.Globalization.CultureInfo.InvariantCulture));

        var error = await program.StandardError.ReadToEndAsync(Cancelled);
        await program.WaitForExitAsync(Cancelled);

        Assert.Equal(1, program.ExitCode);
        Assert.Contains("--port", Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
    }

    [Fact]
    public async Task Start_prints_a_connection_string_that_works()
    {
        using var program = Start("--port", "0");
        await ReadPortAsync(program);
        var line = await program.StandardOutput.ReadLineAsync(Cancelled);
        using var client = Clients.Connect(line!.Split(": ", 2)[1].Trim());

        var account = await client.ReadAccountAsync();
        program.Kill();

        Assert.NotEmpty(account.Id);
    }

    [GeneratedRegex(@":(\d+)/")]
    private static partial Regex PortInAddress();

    private static Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(CosmosEmulator).Assembly.Location, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return Process.Start(start)!;
    }

    private static async Task<int> ReadPortAsync(Process program)
    {
        var line = await program.StandardOutput.ReadLineAsync(Cancelled);
        return int.Parse(PortInAddress().Match(line!).Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);
    }
}
