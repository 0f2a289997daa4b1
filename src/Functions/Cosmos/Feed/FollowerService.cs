using Lookup.Domain.Feed;

namespace Lookup.Functions.Cosmos.Feed;

/// <summary>The background service that follows the change feed for the lifetime of the process.</summary>
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
            // Stopping while the follower waits for a retry is not a failure, and must not be reported to the host as one.
        }
    }
}
