using Lookup.Functions.Cosmos;
using Lookup.Functions.Hosting;
using Lookup.Functions.Settings;
using Lookup.Functions.SharedTier;
using Lookup.Functions.Support;
using Lookup.Functions.Tests.Support;
using Lookup.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Lookup.Functions.Tests.SharedTier;

/// <summary>Accounts that accept writes in several regions, whose log sequence numbers have no common order.</summary>
public sealed class WriteRegionsTests
{
    private const string Several = "is enabled for writes in several regions, whose log sequence numbers have no common order.";

    [Fact]
    public async Task Service_with_a_shared_tier_and_several_write_regions_stops()
    {
        await using var store = await Store.StartAsync();
        await store.SetMultipleWriteLocationsAsync(true);
        await using var service = await Service.StartUnarmedAsync(
            store.ConnectionString, null, ("Lookup__SharedTier", "127.0.0.1:1"), ("Logging__LogLevel__Default", "None"));

        var opening = service.Services.GetServices<IHostedService>().OfType<SharedTierService>().Single();
        await Eventually.IsTrueAsync(() => opening.ExecuteTask is { IsCompleted: true }, "the account has been read");
        var stopping = service.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        await Eventually.IsTrueAsync(() => stopping.IsCancellationRequested, "the service stops");

        var error = Assert.IsType<LookupSettingsException>(opening.ExecuteTask!.Exception!.InnerException);
        Assert.Equal(
            $"The account at {store.Endpoint} {Several} Lookup__SharedTier must not be set for such an account.", error.Message);
        Assert.False(service.Services.GetRequiredService<ServiceTier>().IsOpen);
    }

    [Fact]
    public async Task Account_that_gets_several_write_regions_later_closes_the_tier_for_good()
    {
        await using var store = await Store.StartAsync();
        await using var service = await Service.StartAsync(store);
        var logs = new LogCapture();
        var (time, settings) = (new FakeTimeProvider(), service.Services.GetRequiredService<LookupSettings>());
        using var tier = new ServiceTier(new InProcessTier(TimeProvider.System), "a tier", settings.SharedTier, _ => { }, TimeProvider.System);
        using var opening = new SharedTierService(
            tier,
            service.Services.GetRequiredService<CosmosConnection>(),
            settings,
            service.Services.GetRequiredService<IHostApplicationLifetime>(),
            time,
            new Logger<ServiceTier>(new LoggerFactory([logs])));
        await opening.StartAsync(Cancel.Token);
        await Eventually.IsTrueAsync(() => tier.IsOpen, "the tier is open");

        await store.SetMultipleWriteLocationsAsync(true);
        await Eventually.IsTrueAsync(
            () =>
            {
                time.Advance(TimeSpan.FromMinutes(5));
                return opening.ExecuteTask is { IsCompleted: true };
            },
            "the account is read again");
        await opening.ExecuteTask!;

        Assert.False(tier.IsOpen);
        var error = Assert.Single(logs.Lines, line => line.Id.Id == 1908);
        Assert.Equal(LogLevel.Error, error.Level);
        Assert.Contains(Several, error.Text, StringComparison.Ordinal);
        Assert.Equal(200, (int)(await service.GetAsync("/api/health/ready")).Status);
    }
}
