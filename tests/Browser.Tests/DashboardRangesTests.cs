using System.Globalization;
using System.Text.Json;
using OpenQA.Selenium;

namespace Lookup.Browser.Tests;

/// <summary>The table of feed ranges in the dashboard: what each costs and saves, and whether and why it is polled.</summary>
[Collection(nameof(OneBrowser))]
public sealed class DashboardRangesTests(OneBrowser shared)
{
    private static readonly (string, string)[] Adaptive = [("Lookup__FeedPolling", "Adaptive"), ("Lookup__FeedAllowance", "0")];

    [Fact]
    public async Task Ranges_that_are_not_polled_on_purpose_are_shown_as_not_followed()
    {
        await using var store = await Store.StartAsync();
        await using var service = await Service.StartUnarmedAsync(store.ConnectionString, null, Adaptive);
        await using var traffic = Traffic.Start(service, _ => "/api/users/u1");
        var browser = shared.Use();
        browser.Open(new Uri(service.Address, "/api/dashboard"));

        // Until the first lookup, polling is paused.
        await browser.UntilAsync(
            () => Rows(browser) is { Count: Store.Ranges } rows && rows.All(row => row.Contains("|not followed|", StringComparison.Ordinal)), "no range is followed");
        Assert.All(Rows(browser), row => Assert.Contains("cost more than it saves", row, StringComparison.Ordinal));
        await browser.UntilHeadlineAsync("Within the staleness bound");
        Assert.Contains("Change feed: not followed", browser.TextOf("#checks"), StringComparison.Ordinal);
        Assert.Contains("not followed", browser.TextOf("#tile-age"), StringComparison.Ordinal);
        browser.ShouldHaveKeptTo(service.Address);
    }

    [Theory]
    [InlineData("background", 1.0, 0.4, "polled every 1 s", "read to its end 400 ms ago", "good")]
    [InlineData("background", 1.0, 9.0, "behind", "read to its end 9.0 s ago; polled every 1 s", "warn")]
    [InlineData("background", 1.0, null, "not armed", "not read to its end yet; polled every 1 s", "warn")]
    [InlineData("background", null, 0.4, "behind", "read to its end 400 ms ago; the last poll failed", "warn")]
    [InlineData("onDemand", null, 700.0, "not followed", "it would cost more than it saves; polled only for requests", "other")]
    [InlineData("onDemand", null, null, "not followed", "its first poll would cost more than it saves", "other")]
    [InlineData("paused", null, 700.0, "paused", "there are no lookups", "other")]
    public async Task Range_says_whether_and_why_it_is_polled(string polling, double? interval, double? lag, string word, string detail, string level)
    {
        await using var store = await Store.StartAsync();
        await using var service = await Service.StartAsync(store, null, ("Lookup__MaxStaleness", "00:00:02"));
        var browser = shared.Use();
        browser.Open(new Uri(service.Address, "/api/dashboard"));

        await ShowAsync(browser, [Range("a", 1, 2) with { Polling = polling, IntervalSeconds = interval, LagSeconds = lag }]);

        Assert.Equal([$"a|{word}|{detail}|1.0|2.0"], Rows(browser));
        Assert.Equal(level, browser.Ask<string>("return document.querySelector('#ranges tbody td').className"));
    }

    [Fact]
    public async Task Ranges_are_sorted_by_their_cost()
    {
        await using var store = await Store.StartAsync();
        await using var service = await Service.StartAsync(store);
        var browser = shared.Use();
        browser.Open(new Uri(service.Address, "/api/dashboard"));

        await ShowAsync(browser, [Range("a", 1, 0), Range("b", 30, 1200), Range("c", 1, 5)]);

        Assert.Equal("b c a", string.Join(' ', Rows(browser).Select(row => row.Split('|')[0])));
        Assert.Equal(
            "Since the feed was started, polls have cost 32 RU, and the reads that they have saved would have cost 1,205 RU.", browser.TextOf("#ranges caption"));
        Assert.True(browser.Ask<bool>("return document.querySelector('#ranges tfoot tr').hidden"));
    }

    [Theory]
    [InlineData("light")]
    [InlineData("dark")]
    public async Task Ranges_beyond_32_are_summed_on_a_phone(string scheme)
    {
        await using var store = await Store.StartAsync();
        await using var service = await Service.StartAsync(store);
        var browser = shared.Use(360, 740, scheme);
        browser.Open(new Uri(service.Address, "/api/dashboard"));

        await ShowAsync(browser, [.. Enumerable.Range(0, 40).Select(i => Range(string.Create(CultureInfo.InvariantCulture, $"0{i:x7}-0{i + 1:x7}"), 1000 - i, 12_345_678))]);

        Assert.Equal(32, Rows(browser).Count);
        var others = browser.Find(By.CssSelector("#ranges tfoot tr")).FindElements(By.CssSelector("th, td")).Select(cell => cell.Text);
        Assert.Equal(["8 others", "8 of them followed", "7,716", "98.8M"], others);
        Assert.Equal(360, browser.Ask<long>("return document.documentElement.scrollWidth"));
        Assert.Equal(0, browser.Ask<long>("return [...document.querySelectorAll('#ranges :is(th, td)')].filter(cell => cell.getBoundingClientRect().right > 360).length"));

        // No range needs more than two lines for its name, and four for its state.
        Assert.True(browser.Ask<bool>("return [...document.querySelectorAll('#ranges tbody tr')].every(row => row.getBoundingClientRect().height < 100)"));

        // Screen readers announce the columns and the range of each figure.
        Assert.Equal("table", RoleOf(browser, "#ranges"));
        Assert.Equal("columnheader", RoleOf(browser, "#ranges thead th"));
        Assert.Equal("rowheader", RoleOf(browser, "#ranges tbody th"));
    }

    private static RangeFigures Range(string name, double charge, double saved) => new(name, "background", 1, 0.4, charge, saved);

    /// <summary>Lets the page display ranges in place of those of the service.</summary>
    private static async Task ShowAsync(Browser browser, RangeFigures[] ranges)
    {
        var json = JsonSerializer.Serialize(ranges, JsonSerializerOptions.Web);
        browser.Ask<object?>($$"""
            const real = fetch;
            window.fetch = async (...request) => {
              const stats = await (await real(...request)).json();
              const ranges = {{json}}.map(range => Object.fromEntries(Object.entries(range).filter(([, value]) => value !== null)));
              return Response.json({ ...stats, feed: { ...stats.feed, paused: ranges[0].polling === 'paused', ranges } });
            };
            return null;
            """);
        var first = ranges.MaxBy(range => range.RequestCharge)!.Range;
        await browser.UntilAsync(() => Rows(browser) is [var row, ..] && row.StartsWith($"{first}|", StringComparison.Ordinal), "the ranges are shown");
    }

    /// <summary>Gets the rows, with a bar between the texts of a row.</summary>
    private static List<string> Rows(Browser browser) => [.. browser.Ask<IReadOnlyCollection<object>>("""
        return [...document.querySelectorAll('#ranges tbody tr')].map(row => [...row.querySelectorAll('th, b, p, td:not(:has(b))')].map(cell => cell.textContent).join('|'));
        """).Cast<string>()];

    private static string RoleOf(Browser browser, string selector) => ((WebElement)browser.Find(By.CssSelector(selector))).ComputedAccessibleRole;

    private sealed record RangeFigures(string Range, string Polling, double? IntervalSeconds, double? LagSeconds, double RequestCharge, double RequestChargeSaved);
}
