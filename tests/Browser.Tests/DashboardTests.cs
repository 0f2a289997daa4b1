using OpenQA.Selenium;

namespace Lookup.Browser.Tests;

/// <summary>The dashboard in a browser, with the complete service and a store with injected faults.</summary>
[Collection(nameof(OneBrowser))]
public sealed class DashboardTests(OneBrowser shared)
{
    private static readonly (string, string)[] ShortBound = [("Lookup__MaxStaleness", "00:00:02")];

    [Fact]
    public async Task Numbers_move_with_traffic_and_changes()
    {
        await using var store = await Store.StartAsync();
        await using var service = await StartAsync(store);
        var browser = shared.Use();
        browser.Open(new Uri(service.Address, "/api/dashboard"));
        await browser.UntilHeadlineAsync("Within the staleness bound");

        await using var traffic = Traffic.Start(service, n => $"/api/users/u{n % 5}");
        await browser.UntilAsync(() => browser.NumberIn("#tile-requests b") > 0, "requests are counted");
        await browser.UntilAsync(() => browser.NumberIn("#tile-hits b") > 50, "most are hits");
        await browser.UntilAsync(() => browser.NumberIn("#tile-saved b") > 50, "hits save request units");
        await browser.UntilAsync(() => browser.Ask<long>("return document.querySelectorAll('#chart-requests path').length") > 0, "the line is drawn");
        await browser.UntilAsync(() => browser.Ask<long>("return document.querySelectorAll('#chart-ages rect').length") > 0, "ages are drawn");
        await browser.UntilAsync(() => browser.Find(By.Id("state")).GetDomAttribute("data-level") == "good", "the state is good");

        var version = 1;
        await Eventually.IsTrueAsync(
            async () =>
            {
                await store.PutUserAsync("u1", ++version);
                return browser.NumberIn("#chart-evictions .legend b") > 0;
            },
            "changes are shown as evictions");

        browser.ShouldHaveKeptTo(service.Address);
    }

    [Theory]
    [InlineData("""{"operation":"feedPoll","status":503}""", "Feed behind", "Change feed: behind")]
    [InlineData("""{"operation":"feedPoll","delayMs":4000}""", "Feed behind", "Change feed: behind")]
    [InlineData("""{"operation":"pointRead","status":503}""", "Lookups fail", "Cosmos DB: failing")]
    [InlineData("""{"operation":"pointRead","status":429,"substatus":3200,"retryAfterMs":1}""", "Lookups fail", "Cosmos DB: failing, throttled (429)")]
    public async Task Store_fault_is_shown_while_it_lasts(string fault, string headline, string check)
    {
        await using var store = await Store.StartAsync();
        await using var service = await StartAsync(store, ShortBound);
        var browser = shared.Use();
        await using var traffic = Traffic.Start(service, n => n % 2 == 0 ? "/api/users/u1" : $"/api/users/never-asked-{n}");
        browser.Open(new Uri(service.Address, "/api/dashboard"));
        await browser.UntilHeadlineAsync("Within the staleness bound");

        await store.AddFaultAsync(fault);
        await browser.UntilHeadlineAsync(headline);
        await browser.UntilAsync(() => browser.TextOf("#checks").Contains(check, StringComparison.Ordinal), $"the page shows '{check}'");
        Assert.NotEqual("good", browser.Find(By.Id("state")).GetDomAttribute("data-level"));

        await store.ClearFaultsAsync();
        await browser.UntilHeadlineAsync("Within the staleness bound");
        browser.ShouldHaveKeptTo(service.Address);
    }

    [Fact]
    public async Task Feed_outage_is_shown_as_lag_that_grows_past_the_bound()
    {
        await using var store = await Store.StartAsync();
        await using var service = await StartAsync(store, ShortBound);
        var browser = shared.Use();
        await using var traffic = Traffic.Start(service, n => $"/api/users/u{n % 5}");
        browser.Open(new Uri(service.Address, "/api/dashboard"));
        await browser.UntilHeadlineAsync("Within the staleness bound");

        await store.AddFaultAsync("""{"operation":"feedPoll","status":503}""");
        await browser.UntilAsync(() => LagIn(browser) > 2, "the lag is above the bound");
        var before = LagIn(browser);
        await browser.UntilAsync(() => LagIn(browser) > before, "the lag grows");
        Assert.Equal(1, browser.Ask<long>("return document.querySelectorAll('#chart-lag line.bound').length"));
    }

    [Fact]
    public async Task Missing_response_is_reported_and_a_restarted_instance_starts_from_zero()
    {
        await using var store = await Store.StartAsync();
        var first = await StartAsync(store);
        await using var balancer = await Balancer.StartAsync(first.Address);
        var browser = shared.Use();
        browser.Open(new Uri(balancer.Address, "/api/dashboard"));
        await using (Traffic.Start(first, n => $"/api/users/u{n % 5}"))
            await browser.UntilAsync(() => browser.NumberIn("#tile-requests b") > 0, "requests are counted");
        var name = browser.TextOf("#instance");

        balancer.Use();
        await first.DisposeAsync();
        await browser.UntilHeadlineAsync("No response");
        Assert.Contains("old", browser.TextOf("#age"), StringComparison.Ordinal);

        await using var second = await StartAsync(store);
        await using var traffic = Traffic.Start(second, n => $"/api/users/u{n % 5}");
        balancer.Use(second.Address);
        await browser.UntilAsync(() => browser.TextOf("#instance") != name && browser.NumberIn("#tile-requests b") > 0, "the new instance is shown");
        await browser.UntilHeadlineAsync("Within the staleness bound");
        Assert.DoesNotContain('−', string.Concat(browser.TextOf(".tiles"), browser.TextOf("#chart-requests .legend")));
    }

    [Fact]
    public async Task Instances_behind_one_address_are_distinguished()
    {
        await using var store = await Store.StartAsync();
        await using var busy = await StartAsync(store);
        await using var idle = await StartAsync(store);
        await using var balancer = await Balancer.StartAsync(busy.Address, idle.Address);
        await using var traffic = Traffic.Start(busy, n => $"/api/users/u{n % 5}");
        var browser = shared.Use();
        browser.Open(new Uri(balancer.Address, "/api/dashboard"));

        await browser.UntilAsync(() => browser.Ask<long>("return document.querySelectorAll('#instances option').length") == 2, "both instances are listed");
        foreach (var option in browser.Driver.FindElements(By.CssSelector("#instances option")))
        {
            option.Click();
            var chosen = option.GetDomProperty("value");
            Assert.Equal(chosen, browser.TextOf("#instance"));
        }

        // One instance receives requests and the other does not, regardless of which one responded last.
        await browser.UntilAsync(() => ShownWith(browser, 0) > 0 || ShownWith(browser, 1) > 0, "the busy instance has requests");
        await browser.UntilAsync(() => ShownWith(browser, 0) == 0 || ShownWith(browser, 1) == 0, "the idle instance has none");
    }

    [Fact]
    public async Task Key_is_taken_from_the_URL_and_neither_stored_nor_sent_elsewhere()
    {
        await using var store = await Store.StartAsync();
        await using var service = await StartAsync(store, ("Lookup__AdminKeys__0", "admin-key-0000001"), ("Lookup__Keys__0", "lookup-key-000001"));
        var refused = shared.Use(); // its console has errors: for the rejected page, and for its missing icon
        refused.Open(new Uri(service.Address, "/api/dashboard?code=wrong"));
        Assert.Contains("urn:lookup:problem:unauthorized", refused.TextOf("body"), StringComparison.Ordinal);
        refused.Open(new Uri(service.Address, "/api/dashboard?code=lookup-key-000001"));
        Assert.Contains("urn:lookup:problem:forbidden", refused.TextOf("body"), StringComparison.Ordinal);

        var browser = shared.Use();
        browser.Open(new Uri(service.Address, "/api/dashboard?code=admin-key-0000001"));
        await browser.UntilHeadlineAsync("Within the staleness bound");
        Assert.Equal(new Uri(service.Address, "/api/dashboard"), new Uri(browser.Driver.Url));
        Assert.Equal("", browser.Ask<string>("return document.referrer + document.cookie + Object.keys(localStorage) + Object.keys(sessionStorage)"));
        Assert.Single(browser.Requested(), url => url.Query.Contains("admin-key-0000001", StringComparison.Ordinal));
        browser.ShouldHaveKeptTo(service.Address);
    }

    private static Task<Service> StartAsync(Store store, params (string, string)[] settings) => Service.StartAsync(store, null, settings);

    /// <summary>Gets the lag from the legend, such as "1.2 s" or "850 ms", in seconds. Values below one second count as 0.</summary>
    private static double? LagIn(Browser browser) =>
        browser.TextOf("#chart-lag .legend b").EndsWith(" ms", StringComparison.Ordinal) ? 0 : browser.NumberIn("#chart-lag .legend b");

    private static double? ShownWith(Browser browser, int at)
    {
        browser.Driver.FindElements(By.CssSelector("#instances option"))[at].Click();
        return browser.NumberIn("#tile-requests b");
    }
}
