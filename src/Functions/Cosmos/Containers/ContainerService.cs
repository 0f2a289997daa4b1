using Lookup.Functions.Settings;

namespace Lookup.Functions.Cosmos.Containers;

/// <summary>
/// The background service that compares the container with the settings at startup, and again until they match. If the first definition
/// that can be read does not match, the service stops, because a setting is wrong.
/// </summary>
/// <remarks>
/// A container that is recreated with another definition later does not stop the service, because it can be recreated again. Until then,
/// the instance is not ready.
/// </remarks>
internal sealed class ContainerService(CosmosConnection connection, IHostApplicationLifetime lifetime, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan IntervalIfNotPermitted = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var hasMatched = false;
        try
        {
            while (connection.Check is { } check)
            {
                await check.RunAsync().WaitAsync(stoppingToken);
                var state = check.State;
                hasMatched |= state.Status == ContainerStatus.Matches;
                if (state.Status == ContainerStatus.Differs && !hasMatched)
                {
                    await UntilStartedAsync(lifetime, stoppingToken);
                    throw new LookupSettingsException(state.Detail);
                }

                await Task.Delay(state.Status == ContainerStatus.NotPermitted ? IntervalIfNotPermitted : Interval, time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping is not a failure.
        }
    }

    /// <summary>Waits until the service has started: stopped earlier, the server would report its canceled start instead of this failure.</summary>
    public static async Task UntilStartedAsync(IHostApplicationLifetime lifetime, CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stoppingToken);
    }
}
