using System.Diagnostics.Metrics;
using System.Net;
using System.Text.Json;
using Lookup.Functions.Support;
using Lookup.Functions.Telemetry;
using Lookup.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Lookup.Functions.Tests.Operations;

/// <summary>Tests the reports of an instance about feed ranges that it follows, and about ranges that it does not poll on purpose.</summary>
public sealed class FollowedRangesTests
{
    private static readonly (string, string)[] WithoutAllowance = [("Lookup__FeedPolling", "Adaptive"), ("Lookup__FeedAllowance", "0")];

    [Fact]
    public async Task Statistics_and_metrics_report_what_each_range_costs_and_saves()
    {
        await using var store = await Store.StartAsync();
        await store.PutUserAsync("ada");
        await using var service = await Service.StartAsync(store, null, ("Lookup__MaxStaleness", "00:00:00.200"));

        JsonElement[] ranges = [];
        await Eventually.IsTrueAsync(
            async () =>
            {
                await service.GetAsync("/api/users/ada");
                ranges = await RangesAsync(service);
                return ranges.Any(range => range.GetProperty("requestChargeSaved").GetDouble() > 0);
            },
            "a read is saved");

        Assert.Equal(Store.Ranges, ranges.Length);
        Assert.Single(ranges, range => range.GetProperty("requestChargeSaved").GetDouble() > 0);
        Assert.All(ranges, range => Assert.Equal("background", range.GetProperty("polling").GetString()));
        Assert.All(ranges, range => Assert.Equal(0.05, range.GetProperty("intervalSeconds").GetDouble()));
        Assert.All(ranges, range => Assert.True(range.GetProperty("requestCharge").GetDouble() >= 2));
        var reported = Measure(service);
        Assert.All(
            ["lookup.feed.lag", "lookup.feed.interval", "lookup.feed.request_charge_saved"],
            name => Assert.Equal(Store.Ranges, reported.Count(each => each == name)));
    }

    [Fact]
    public async Task Range_that_was_never_polled_because_that_would_cost_more_than_it_saves_is_healthy()
    {
        await using var store = await Store.StartAsync();
        await store.PutUserAsync("ada");
        await using var service = await Service.StartUnarmedAsync(store.ConnectionString, null, WithoutAllowance);

        await BecomesNotFollowedAsync(service, "has not been polled to its end yet");

        Assert.All(await RangesAsync(service), range =>
        {
            Assert.False(range.TryGetProperty("lagSeconds", out _));
            Assert.Equal(0, range.GetProperty("requestCharge").GetDouble());
        });
    }

    [Fact]
    public async Task Range_that_is_no_longer_polled_because_that_would_cost_more_than_it_saves_is_healthy_and_has_no_lag()
    {
        await using var store = await Store.StartAsync(ranges: 1);
        await store.PutUserAsync("ada");
        await using var service = await Service.StartUnarmedAsync(store.ConnectionString, null, [.. WithoutAllowance, ("Lookup__MaxStaleness", "00:00:00.500")]);

        // A tenth of these reads pays for the start of the range.
        for (var i = 0; i < 30; i++)
            await service.GetAsync($"/api/users/nobody{i}");
        await Eventually.IsTrueAsync(async () => (await RangesAsync(service))[0].TryGetProperty("lagSeconds", out _), "the range is read to its end");
        await Eventually.IsTrueAsync(async () => (await RangesAsync(service))[0].GetProperty("lagSeconds").GetDouble() > 1, "it is not polled again");

        await BecomesNotFollowedAsync(service, "not followed at present, because that would cost more than it saves");
        var reported = Measure(service);
        Assert.Contains("lookup.feed.confirmed_age", reported);
        Assert.DoesNotContain("lookup.feed.lag", reported);
        Assert.DoesNotContain("lookup.feed.interval", reported);
    }

    [Fact]
    public async Task Readiness_of_an_instance_without_lookups_does_not_state_that_polls_cost_too_much()
    {
        await using var store = await Store.StartAsync();
        await using var service = await Service.StartUnarmedAsync(store.ConnectionString, null, WithoutAllowance);

        await Eventually.IsTrueAsync(
            async () => (await service.GetAsync("/api/health/ready")).Status == HttpStatusCode.OK, "the container has been checked");

        Assert.Equal("Polling of the change feed is paused because the cache is empty.", await FeedDetailAsync(service));
    }

    [Fact]
    public async Task Readiness_of_an_instance_that_has_paused_polling_states_that_it_is_armed()
    {
        await using var store = await Store.StartAsync();
        await store.PutUserAsync("ada");
        await using var service = await Service.StartAsync(
            store, null, ("Lookup__FeedPolling", "Adaptive"), ("Lookup__MaxStaleness", "00:00:00.100"), ("Lookup__IdleAfter", "00:00:00.100"));
        await service.GetAsync("/api/users/ada");

        await Eventually.IsTrueAsync(
            async () => await FeedDetailAsync(service) == "The change feed is armed; polling is paused because there are no lookups.", "polling is paused");
    }

    private static async Task<string?> FeedDetailAsync(Service service)
    {
        var ready = await service.GetAsync("/api/health/ready");
        return ready.Json.GetProperty("checks").EnumerateArray().Single(check => check.GetProperty("name").GetString() == "feed").GetProperty("detail").GetString();
    }

    private static async Task BecomesNotFollowedAsync(Service service, string detail)
    {
        TestResponse? ready = null;
        await Eventually.IsTrueAsync(
            async () =>
            {
                await service.GetAsync("/api/users/ada"); // so that polling is not paused
                ready = await service.GetAsync("/api/health/ready");
                return ready.Status == HttpStatusCode.OK;
            },
            "the container has been checked");

        Assert.Equal("ready", ready!.Json.GetProperty("status").GetString());
        var feed = ready.Json.GetProperty("checks").EnumerateArray().Single(check => check.GetProperty("name").GetString() == "feed");
        Assert.Equal("ok", feed.GetProperty("status").GetString());
        Assert.Contains(detail, feed.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.All(await RangesAsync(service), range =>
        {
            Assert.Equal("onDemand", range.GetProperty("polling").GetString());
            Assert.False(range.TryGetProperty("intervalSeconds", out _));
        });
    }

    private static async Task<JsonElement[]> RangesAsync(Service service) =>
        [.. (await service.GetAsync("/api/stats")).Json.GetProperty("feed").GetProperty("ranges").EnumerateArray()];

    /// <summary>Returns the name of the instrument of each measurement that the instance reports.</summary>
    private static List<string> Measure(Service service)
    {
        var names = new List<string>();
        var meter = service.Services.GetRequiredService<LookupMeter>().Meter;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (ReferenceEquals(instrument.Meter, meter) && instrument.IsObservable)
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<double>((instrument, _, _, _) => names.Add(instrument.Name));
        listener.Start();
        listener.RecordObservableInstruments();
        return names;
    }
}
