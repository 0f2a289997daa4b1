using Lookup.Domain.Feed;
using Lookup.Domain.SharedTier;

namespace Lookup.Functions.Hosting;

/// <summary>The background service that writes snapshots of the feed to the shared tier, for instances that start.</summary>
internal sealed class FeedSnapshotService(FeedSnapshots snapshots, ChangeFeedFollower follower) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await snapshots.RunAsync(follower.TakeSnapshot, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping is not a failure.
        }
    }
}
