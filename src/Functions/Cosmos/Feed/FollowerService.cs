using Lookup.Domain.Feed;

namespace Lookup.Functions.Cosmos.Feed;

/// <summary>Follows the change feed for as long as the process lives.</summary>
internal sealed class FollowerService(ChangeFeedFollower follower) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await follower.RunAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping while it waits to try again is no failure, and must not look like one to the host.
        }
    }
}
