using System.Globalization;
using System.Net.Sockets;

namespace Lookup.Local.Tests;

/// <summary>The Redis of a run with <c>--shared</c>.</summary>
public sealed class RedisServerTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("TERM")]
    [InlineData("KILL")]
    public async Task Instances_find_the_users_of_others_and_the_server_ends_with_the_run(string signal)
    {
        SkipWithoutRedis();
        var first = FreePort.NextInARow(3);
        await using var run = LocalProcess.Start(
            [("Lookup__SharedTierTimeout", "00:00:01"), ("Lookup__MaxStaleness", "1.00:00:00"), ("Lookup__FeedPolling", "Steady")],
            "--shared", "--instances", "2", "--users", "500", "--port", Text(first + 1), "--cosmos-port", Text(first));
        await run.AwaitReadyAsync();
        using var client = new HttpClient();
        var user = 0;
        await Eventually.IsTrueAsync(
            async () =>
            {
                user = user % 500 + 1;
                await GetAsync(first + 1, user);
                return await GetAsync(first + 2, user) is var status && status.StartsWith("lookup-tier; hit", StringComparison.Ordinal);
            },
            "an instance finds a user that the other one has read");
        var port = int.Parse(run.Output.Split("redis-server on 127.0.0.1:")[1].Split('\n')[0], CultureInfo.InvariantCulture);
        Assert.True(await AcceptsConnectionsAsync(port));

        await run.SignalAsync(signal);
        var (exitCode, error) = await run.AwaitEndAsync();

        await Eventually.IsTrueAsync(async () => !await AcceptsConnectionsAsync(port), "the server has ended");
        if (signal == "TERM")
            Assert.Equal((0, ""), (exitCode, error));

        async Task<string> GetAsync(int instance, int number)
        {
            using var response = await client.GetAsync(new Uri($"http://127.0.0.1:{instance}/api/users/u{number}"), Cancellation);
            return response.Headers.GetValues("Cache-Status").Single();
        }
    }

    [Fact]
    public void Missing_program_is_an_error_that_says_what_to_install()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The message for Windows is another one.");

        var error = Assert.Throws<LocalRunException>(() => RedisServer.Find("/nonexistent:"));

        Assert.Equal(
            "--shared needs redis-server, which is not in a folder of PATH. Install it, for example: apt-get install redis-server (Debian, Ubuntu), brew install redis (macOS).",
            error.Message);
    }

    [Fact]
    public async Task Program_that_ends_is_an_error_with_its_last_line()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such shell.");
        var program = Path.GetTempFileName();
        await File.WriteAllTextAsync(program, "#!/bin/sh\necho first\necho last >&2\nexit 3\n", Cancellation);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);

        var error = await Assert.ThrowsAsync<LocalRunException>(() => RedisServer.StartAsync(program, TimeProvider.System, Cancellation));

        File.Delete(program);
        Assert.Equal("redis-server ended with exit code 3: last", error.Message);
    }

    private static async Task<bool> AcceptsConnectionsAsync(int port)
    {
        using var connection = new TcpClient();
        try
        {
            await connection.ConnectAsync("127.0.0.1", port, Cancellation);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static void SkipWithoutRedis()
    {
        try
        {
            RedisServer.Find(Environment.GetEnvironmentVariable("PATH"));
        }
        catch (LocalRunException missing)
        {
            Assert.Skip(missing.Message);
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
