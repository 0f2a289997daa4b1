using OpenQA.Selenium;

namespace Lookup.Browser.Tests;

/// <summary>The accessibility of the dashboard: on a phone, in dark mode, by keyboard, and with a screen reader.</summary>
[Collection(nameof(OneBrowser))]
public sealed class DashboardAccessTests(OneBrowser shared)
{
    [Fact]
    public async Task Page_fits_a_phone_in_light_and_in_dark()
    {
        await using var store = await Store.StartAsync();
        await using var service = await Service.StartAsync(store);
        await using var traffic = Traffic.Start(service, n => $"/api/users/u{n % 5}");
        var browser = shared.Use(360, 740);
        browser.Open(new Uri(service.Address, "/api/dashboard"));
        await browser.UntilAsync(() => browser.NumberIn("#tile-hits b") > 0, "figures are shown");
        foreach (var summary in browser.Driver.FindElements(By.CssSelector("summary")))
            summary.SendKeys(Keys.Enter);

        var light = Shades(browser);
        Assert.Equal(360, browser.Ask<long>("return document.documentElement.scrollWidth"));
        Assert.True(light.Ground > light.Ink, "Light mode: the background must be lighter than the text.");

        browser.Look(360, 740, "dark");
        await browser.UntilAsync(() => Shades(browser).Ground < Shades(browser).Ink, "dark mode: the background is darker than the text");
        Assert.Equal(360, browser.Ask<long>("return document.documentElement.scrollWidth"));
    }

    [Theory]
    [InlineData("light")]
    [InlineData("dark")]
    public async Task Text_contrast_meets_WCAG(string scheme)
    {
        await using var store = await Store.StartAsync();
        await using var service = await Service.StartAsync(store);
        await using var traffic = Traffic.Start(service, n => $"/api/users/u{n % 5}");
        var browser = shared.Use(scheme: scheme);
        browser.Open(new Uri(service.Address, "/api/dashboard"));
        await browser.UntilAsync(() => browser.NumberIn("#tile-hits b") > 0, "figures are shown");

        // WCAG 2.2, 1.4.3: 4.5 to 1.
        Assert.Empty(browser.Ask<IReadOnlyCollection<object>>("""
            const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
            const rgb = color => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1); return [...canvas.getImageData(0, 0, 1, 1).data]; };
            const luminance = ([r, g, b]) => [.2126 * r, .7152 * g, .0722 * b].length && [r, g, b].map(c => c / 255)
              .map(c => c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4).reduce((sum, c, at) => sum + c * [.2126, .7152, .0722][at], 0);
            const groundOf = element => { for (let at = element; at; at = at.parentElement) { const ground = rgb(getComputedStyle(at).backgroundColor); if (ground[3] === 255) return ground; } return [255, 255, 255]; };
            return [...document.querySelectorAll('body *')].filter(element => element.checkVisibility() && [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim()))
              .map(element => {
                const style = getComputedStyle(element);
                const [a, b] = [luminance(rgb(element instanceof SVGElement ? style.fill : style.color)), luminance(groundOf(element))].sort((x, y) => y - x);
                return { text: element.textContent.trim().slice(0, 40), ratio: (a + .05) / (b + .05) };
              })
              .filter(({ ratio }) => ratio < 4.5).map(({ text, ratio }) => `${text}: ${ratio.toFixed(2)}`);
            """).Select(text => text.ToString()));
    }

    [Fact]
    public async Task Keyboard_reaches_everything_in_reading_order_and_moves_through_charts()
    {
        await using var store = await Store.StartAsync();
        await using var service = await Service.StartAsync(store);
        await using var traffic = Traffic.Start(service, n => $"/api/users/u{n % 5}");
        var browser = shared.Use();
        browser.Open(new Uri(service.Address, "/api/dashboard"));
        await browser.UntilAsync(() => browser.Ask<long>("return document.querySelectorAll('#chart-requests path').length") > 0, "charts are drawn");

        string[] first = ["skip", "span", "pause", "API"];
        foreach (var stop in first)
        {
            Press(browser, Keys.Tab);
            Assert.Equal(stop, browser.Ask<string>("const e = document.activeElement; return e.id || e.className || e.name || e.textContent"));
        }

        string[] charts = ["chart-hits", "chart-requests", "chart-lag", "chart-ages", "chart-evictions", "chart-units", "chart-store", "chart-memory"];
        foreach (var chart in charts)
        {
            if (chart != "chart-ages") // has no time axis to move along
            {
                Press(browser, Keys.Tab);
                Assert.Equal($"{chart} slider", browser.Ask<string>("const e = document.activeElement; return e.closest('figure').id + ' ' + e.role"));
            }

            Press(browser, Keys.Tab);
            Assert.Equal($"{chart} SUMMARY", browser.Ask<string>("const e = document.activeElement; return e.closest('figure').id + ' ' + e.tagName"));
        }

        var plot = browser.Find(By.CssSelector("#chart-requests .plot"));
        await browser.UntilAsync(() => browser.Ask<long>("return +document.querySelector('#chart-requests path').getAttribute('d').split('L').length") > 4, "the line has several points");
        plot.SendKeys(Keys.Home);
        Assert.True(int.Parse(plot.GetDomAttribute("aria-valuenow")!, null) < 0);
        Assert.Contains("seconds ago: hit", plot.GetDomAttribute("aria-valuetext"), StringComparison.Ordinal);
        plot.SendKeys(Keys.Escape);
        await browser.UntilAsync(() => browser.Ask<long>("return document.querySelectorAll('line.cursor').length") == 0, "Escape returns to the current time");

        browser.Find(By.CssSelector("#chart-requests summary")).SendKeys(Keys.Enter);
        await browser.UntilAsync(() => browser.Ask<long>("return document.querySelectorAll('#chart-requests tbody tr').length") > 0, "the table is filled");

        browser.Find(By.Id("pause")).SendKeys(Keys.Space);
        Assert.Equal("true", browser.Find(By.Id("pause")).GetDomAttribute("aria-pressed"));
        Assert.Contains("paused", browser.TextOf("#age"), StringComparison.Ordinal);
        browser.ShouldHaveKeptTo(service.Address);
    }

    [Fact]
    public async Task Every_element_has_an_accessible_name_and_every_landmark_exists()
    {
        await using var store = await Store.StartAsync();
        await using var service = await Service.StartAsync(store);
        var browser = shared.Use();
        browser.Open(new Uri(service.Address, "/api/dashboard"));
        await browser.UntilHeadlineAsync("Within the staleness bound");

        var named = browser.Driver.FindElements(By.CssSelector("button, a, input, summary, figure, section, [role=slider]")).Cast<WebElement>().ToList();
        Assert.All(named, element => Assert.NotEqual("", element.ComputedAccessibleLabel));
        Assert.Equal(7, named.Count(element => element.ComputedAccessibleRole == "slider"));

        // One element of each landmark and one top-level heading. Only changes of the state are announced.
        Assert.Equal("1 1 1 1", browser.Ask<string>("return ['header', 'main', 'footer', 'h1'].map(name => document.querySelectorAll(name).length).join(' ')"));
        Assert.Equal("en", browser.Ask<string>("return document.documentElement.lang"));
        Assert.Equal("headline", browser.Ask<string>("return [...document.querySelectorAll('[aria-live], [role=status], [role=alert]')].map(e => e.id).join(' ')"));
        Assert.True(browser.Ask<bool>("return [...document.querySelectorAll('svg')].every(svg => svg.getAttribute('aria-hidden') === 'true')"));
    }

    private static void Press(Browser browser, string key) => browser.Driver.SwitchTo().ActiveElement().SendKeys(key);

    private static (long Ground, long Ink) Shades(Browser browser)
    {
        long Sum(string property) => browser.Ask<long>(
            $"return getComputedStyle(document.body).{property}.match(/\\d+/g).slice(0, 3).reduce((sum, part) => sum + +part, 0)");
        return (Sum("backgroundColor"), Sum("color"));
    }
}
