namespace Lookup.Local.Tests;

public sealed class CommandLineTests
{
    [Fact]
    public async Task InvokeAsync_without_flags_runs_with_the_defaults()
    {
        var (exitCode, options, _, error) = await InvokeAsync();

        Assert.Equal(0, exitCode);
        Assert.Equal(new LocalOptions { Users = 10_000, Port = 7071, CosmosPort = 8081, Instances = 1, Ranges = 4 }, options);
        Assert.Empty(error);
    }

    [Fact]
    public async Task InvokeAsync_with_flags_runs_with_their_values()
    {
        var (exitCode, options, _, _) = await InvokeAsync(
            "--users", "0", "--port", "7000", "--cosmos-port=8000", "--instances", "16", "--ranges", "1");

        Assert.Equal(0, exitCode);
        Assert.Equal(new LocalOptions { Users = 0, Port = 7000, CosmosPort = 8000, Instances = 16, Ranges = 1 }, options);
    }

    [Fact]
    public async Task InvokeAsync_with_load_runs_with_load()
    {
        var (exitCode, options, _, _) = await InvokeAsync("--load");

        Assert.Equal(0, exitCode);
        Assert.Equal(new LocalOptions { Load = true }, options);
    }

    [Fact]
    public async Task InvokeAsync_with_shared_runs_with_a_shared_tier()
    {
        var (exitCode, options, _, _) = await InvokeAsync("--shared");

        Assert.Equal(0, exitCode);
        Assert.Equal(new LocalOptions { Shared = true }, options);
    }

    [Theory]
    [InlineData("--users is 'many'; it must be a whole number, 0 to 1,000,000.", "--users", "many")]
    [InlineData("--users is '-1'; it must be a whole number, 0 to 1,000,000.", "--users", "-1")]
    [InlineData("--users is '1000001'; it must be a whole number, 0 to 1,000,000.", "--users", "1000001")]
    [InlineData("--users is '99999999999'; it must be a whole number, 0 to 1,000,000.", "--users", "99999999999")]
    [InlineData("--port is '0'; it must be a whole number, 1 to 65,535.", "--port", "0")]
    [InlineData("--cosmos-port is '65536'; it must be a whole number, 1 to 65,535.", "--cosmos-port", "65536")]
    [InlineData("--instances is '17'; it must be a whole number, 1 to 16.", "--instances", "17")]
    [InlineData("--ranges is '0'; it must be a whole number, 1 to 16.", "--ranges", "0")]
    [InlineData("--port 65535 with --instances 2 would need ports up to 65536", "--port", "65535", "--instances", "2")]
    [InlineData("--cosmos-port 7073 is one of the service's own ports (7071 to 7073)", "--cosmos-port", "7073", "--instances", "3")]
    [InlineData("--cosmos-port 7071 is one of the service's own ports", "--cosmos-port", "7071")]
    [InlineData("--load with --users 0 would have no users to look up", "--load", "--users", "0")]
    [InlineData("--user", "--user", "5")]
    [InlineData("--users", "--users")]
    public async Task InvokeAsync_with_an_invalid_flag_reports_it_and_runs_nothing(string sentence, params string[] args)
    {
        var (exitCode, options, output, error) = await InvokeAsync(args);

        Assert.Equal(1, exitCode);
        Assert.Null(options);
        Assert.Empty(output);
        Assert.Contains(sentence, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task InvokeAsync_with_help_lists_every_flag_and_runs_nothing()
    {
        var (exitCode, options, output, _) = await InvokeAsync("--help");

        Assert.Equal(0, exitCode);
        Assert.Null(options);
        Assert.All(
            ["--users", "--port", "--cosmos-port", "--instances", "--ranges", "--load", "--shared"],
            flag => Assert.Contains(flag, output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task InvokeAsync_returns_the_exit_code_of_the_run()
    {
        var commandLine = new CommandLine((_, _) => Task.FromResult(7));

        Assert.Equal(7, await commandLine.InvokeAsync([], TextWriter.Null, TextWriter.Null, TestContext.Current.CancellationToken));
    }

    private static async Task<(int ExitCode, LocalOptions? Options, string Output, string Error)> InvokeAsync(params string[] args)
    {
        LocalOptions? options = null;
        using var output = new StringWriter();
        using var error = new StringWriter();
        var commandLine = new CommandLine((parsed, _) =>
        {
            options = parsed;
            return Task.FromResult(0);
        });

        var exitCode = await commandLine.InvokeAsync(args, output, error, TestContext.Current.CancellationToken);
        return (exitCode, options, output.ToString(), error.ToString());
    }
}
