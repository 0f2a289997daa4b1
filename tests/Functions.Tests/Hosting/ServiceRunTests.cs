using Lookup.Functions.Hosting;
using Lookup.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Lookup.Functions.Tests.Hosting;

public sealed class ServiceRunTests
{
    [Fact]
    public async Task Service_stopped_behind_the_functions_host_exits_with_200_to_be_restarted() =>
        Assert.Equal(200, await RunAsync(lifetime => lifetime.StopApplication(), ("FUNCTIONS_CUSTOMHANDLER_PORT", $"{FreePort.Next()}")));

    [Fact]
    public async Task Service_stopped_without_the_functions_host_exits_with_0() =>
        Assert.Equal(0, await RunAsync(lifetime => lifetime.StopApplication(), ("urls", "http://127.0.0.1:0")));

    [Theory]
    [InlineData("FUNCTIONS_CUSTOMHANDLER_PORT")]
    [InlineData("FUNCTIONS_HTTPWORKER_PORT")]
    [InlineData(null)]
    public async Task Service_with_a_failed_background_service_exits_with_1(string? port) =>
        Assert.Equal(
            1,
            await RunAsync(
                _ => throw new InvalidOperationException("Failed on purpose."),
                port is null ? ("urls", "http://127.0.0.1:0") : (port, $"{FreePort.Next()}")));

    private static async Task<int> RunAsync(Action<IHostApplicationLifetime> whenStarted, (string Name, string Value) address)
    {
        var settings = new Dictionary<string, string?>
        {
            ["CosmosConnection"] = "AccountEndpoint=http://127.0.0.1:1/;AccountKey=AAAA;",
            ["Logging__LogLevel__Default"] = "None",
            [address.Name] = address.Value,
        };
        var app = LookupHost.Create([], settings, services => services.AddHostedService(provider =>
            new Part(provider.GetRequiredService<IHostApplicationLifetime>(), whenStarted)));
        return await Task.Run(() => ServiceRun.ToEnd(app), Cancel.Token);
    }

    private sealed class Part(IHostApplicationLifetime lifetime, Action<IHostApplicationLifetime> whenStarted) : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
            await started.Task.WaitAsync(stoppingToken);
            whenStarted(lifetime);
        }
    }
}
