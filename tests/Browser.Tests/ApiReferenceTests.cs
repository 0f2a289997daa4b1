using OpenQA.Selenium;

namespace Lookup.Browser.Tests;

/// <summary>The API reference in a browser.</summary>
[Collection(nameof(OneBrowser))]
public sealed class ApiReferenceTests(OneBrowser shared)
{
    [Fact]
    public async Task Reference_renders_the_description_without_third_party_requests()
    {
        await using var store = await Store.StartAsync();
        await using var service = await Service.StartAsync(store);
        var browser = shared.Use();

        browser.Open(new Uri(service.Address, "/api/docs"));

        await UntilDrawnAsync(browser);
        browser.ShouldHaveKeptTo(service.Address);
    }

    [Fact]
    public async Task Reference_takes_the_key_from_the_URL_or_prompts_for_it()
    {
        await using var store = await Store.StartAsync();
        await using var service = await Service.StartAsync(store, null, ("Lookup__Keys__0", "lookup-key-000001"));
        var browser = shared.Use();

        browser.Open(new Uri(service.Address, "/api/docs/?code=lookup-key-000001"));
        await UntilDrawnAsync(browser);
        Assert.Equal("", new Uri(browser.Driver.Url).Query);
        browser.ShouldHaveKeptTo(service.Address);

        browser.Open(new Uri(service.Address, "/api/docs/"));
        await browser.UntilAsync(() => browser.Driver.FindElements(By.CssSelector("input[type=password]")).Count == 1, "a key is requested");
        browser.Find(By.CssSelector("input[type=password]")).SendKeys("lookup-key-000001" + Keys.Enter);
        await UntilDrawnAsync(browser);
        Assert.DoesNotContain(browser.Requested().Skip(1), url => url.AbsolutePath != "/api/docs/" && url.Query.Length > 0);
    }

    private static Task UntilDrawnAsync(Browser browser) =>
        browser.UntilAsync(() => browser.TextOf("body").Contains("Gets a user.", StringComparison.Ordinal), "the operations are shown");
}
