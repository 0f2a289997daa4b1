using Lookup.Domain.Stores;
using Lookup.Functions.Cosmos;
using Lookup.Functions.Cosmos.Containers;
using Lookup.Functions.Settings;
using Lookup.Functions.SharedTier;

namespace Lookup.Functions.Hosting;

/// <summary>
/// The background service that opens the shared tier: after the first attempt to reach its server, and when the account is known to have one write
/// region. No request and no start waits for it.
/// </summary>
/// <remarks>
/// With several write regions, the service stops, because a setting is wrong. If the account gets them later, the tier is closed for good: stopping
/// all instances would be worse, and the cache itself does not depend on the tier.
/// </remarks>
internal sealed class SharedTierService(
    ServiceTier tier,
    CosmosConnection connection,
    LookupSettings settings,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<ServiceTier> logger) : BackgroundService
{
    private static readonly TimeSpan IntervalIfNotRead = TimeSpan.FromSeconds(5);

    /// <summary>The interval at which the SDK reads the account as well.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await ContactAsync(stoppingToken);
            var hasFailed = false;
            while (true)
            {
                if (await FindSeveralRegionsAsync(hasFailed, stoppingToken) is not { } several)
                {
                    hasFailed = true;
                }
                else if (several.Length == 0)
                {
                    tier.Open();
                }
                else if (tier.IsOpen)
                {
                    tier.Dispose();
                    SharedTierLog.Closed(logger, several);
                    return;
                }
                else
                {
                    await ContainerService.UntilStartedAsync(lifetime, stoppingToken);
                    throw new LookupSettingsException($"{several} {SettingsSection.NameOf("SharedTier")} must not be set for such an account.");
                }

                await Task.Delay(tier.IsOpen ? Interval : IntervalIfNotRead, time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping is not a failure.
        }
    }

    private async Task ContactAsync(CancellationToken stoppingToken)
    {
        SharedTierLog.Configured(
            logger, tier.Name, settings.SharedTier.Timeout, settings.SharedTier.TimeToLive, settings.SharedTier.Keys is null ? "not sealed" : "sealed");
        if (settings.SharedTier.Keys is null)
            SharedTierLog.NotSealed(logger);
        if (await tier.ContactAsync(stoppingToken) is { } reason)
            SharedTierLog.NotReached(logger, tier.Name, reason);
        else
            SharedTierLog.Reached(logger, tier.Name);
    }

    /// <summary>Reads the account.</summary>
    /// <returns>A description of several write regions, an empty text for one, or <see langword="null"/> if the account cannot be read.</returns>
    private async Task<string?> FindSeveralRegionsAsync(bool hasFailed, CancellationToken stoppingToken)
    {
        try
        {
            return await WriteRegions.FindSeveralAsync(connection, settings.Cosmos, time, stoppingToken) ?? "";
        }
        catch (Exception cause) when (cause is UserStoreException or OperationCanceledException && !stoppingToken.IsCancellationRequested)
        {
            if (!tier.IsOpen && !hasFailed)
                SharedTierLog.AccountNotRead(logger, cause is UserStoreException ? cause.Message : "Cosmos DB did not respond in time.");
            return null;
        }
    }
}
