using Lookup.Domain.Changes;

namespace Lookup.Functions.Hosting;

/// <summary>Follows the change feed for as long as the process lives.</summary>
internal sealed class FollowerService(ChangeFeedFollower follower) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => follower.RunAsync(stoppingToken);
}
