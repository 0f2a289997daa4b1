using OpenQA.Selenium;

namespace Lookup.Browser.Tests;

/// <summary>The shared tier in the dashboard, with a real Redis.</summary>
[Collection(nameof(OneBrowser))]
public sealed class DashboardTierTests(OneBrowser shared)
{
    [Fact]
    public async Task Shared_tier_is_shown_while_it_responds_and_after_it_has_stopped()
    {
        using var server = CacheServer.Redis();
        await server.StartAsync();
        await using var store = await Store.StartAsync();
        await using var service = await Service.StartAsync(store, null, ("Lookup__SharedTier", $"127.0.0.1:{server.Port}"));
        await using var traffic = Traffic.Start(service, n => $"/api/users/never-asked-{n}");
        var browser = shared.Use();
        browser.Open(new Uri(service.Address, "/api/dashboard"));

        await browser.UntilAsync(() => browser.TextOf("#checks").Contains("Shared tier: healthy", StringComparison.Ordinal), "the tier is healthy");
        await browser.UntilHeadlineAsync("Within the staleness bound");
        await browser.UntilAsync(() => browser.Ask<long>("return document.querySelectorAll('#chart-tier path').length") > 0, "the users are drawn");
        Assert.Contains("missing", browser.TextOf("#chart-tier .legend"), StringComparison.Ordinal);

        await server.FreezeAsync();
        await browser.UntilHeadlineAsync("Shared tier does not respond");
        Assert.Contains($"Redis at 127.0.0.1:{server.Port}", browser.TextOf("#checks"), StringComparison.Ordinal);

        await server.ThawAsync();
        await browser.UntilHeadlineAsync("Within the staleness bound");
        browser.ShouldHaveKeptTo(service.Address);
    }

    [Fact]
    public async Task Nothing_is_shown_if_there_is_no_shared_tier()
    {
        await using var store = await Store.StartAsync();
        await using var service = await Service.StartAsync(store);
        await using var traffic = Traffic.Start(service, n => $"/api/users/never-asked-{n}");
        var browser = shared.Use();
        browser.Open(new Uri(service.Address, "/api/dashboard"));

        await browser.UntilHeadlineAsync("Within the staleness bound");
        await browser.UntilAsync(() => browser.NumberIn("#tile-requests b") > 0, "requests are counted");

        Assert.DoesNotContain("tier", browser.TextOf("main"), StringComparison.OrdinalIgnoreCase);
        Assert.Empty(browser.Driver.FindElements(By.Id("chart-tier")));
    }
}
