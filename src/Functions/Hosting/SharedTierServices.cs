using Lookup.Domain.Feed;
using Lookup.Domain.SharedTier;
using Lookup.Functions.Cosmos;
using Lookup.Functions.SharedTier;
using Lookup.Functions.Telemetry;

namespace Lookup.Functions.Hosting;

/// <summary>The registration of the shared tier, if there is one.</summary>
internal static class SharedTierServices
{
    public static void Add(IServiceCollection services, LookupSettings lookup)
    {
        var settings = lookup.SharedTier;
        if (settings.Target is not { } target)
            return;

        services.AddSingleton(provider =>
        {
            var time = provider.GetRequiredService<TimeProvider>();
            var logger = provider.GetRequiredService<ILogger<ServiceTier>>();
            return new ServiceTier(
                target.Open(time, settings.Timeout),
                target.ToString(),
                settings,
                isRead => SharedTierLog.ReadsChanged(logger, isRead),
                time);
        });
        services.AddSingleton(provider =>
        {
            var tier = provider.GetRequiredService<ServiceTier>();
            var connection = provider.GetRequiredService<CosmosConnection>();
            return new SharedTierOptions
            {
                Tier = tier.Tier,
                Shape = new DocumentShape(
                    [.. lookup.Shape.HiddenFields.Select(path => path.Text)],
                    [.. lookup.Shape.AlternateKeys.Select(path => path.Text)],
                    lookup.Shape.PartitionKey.Text),
                LogIdentity = log => tier.IsOpen ? connection.LogIdentityOf(log) : null,
                Timeout = settings.Timeout,
                TimeToLive = settings.TimeToLive,
            };
        });
        services.AddSingleton(provider =>
        {
            var tier = provider.GetRequiredService<ServiceTier>();
            return new FeedSnapshots(tier.SnapshotTier, tier.WaitUntilOpenAsync, provider.GetRequiredService<TimeProvider>());
        });
        services.AddSingleton<IFeedSnapshots>(provider => provider.GetRequiredService<FeedSnapshots>());
        services.AddHostedService<SharedTierService>();
        services.AddHostedService<FeedSnapshotService>();
        services.AddHostedService<SharedTierInstruments>();
    }
}
