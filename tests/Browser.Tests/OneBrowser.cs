namespace Lookup.Browser.Tests;

/// <summary>The browser that all tests share, started by the first test that needs it.</summary>
public sealed class OneBrowser : IDisposable
{
    private Browser? _browser;

    /// <summary>Returns the browser with an empty page.</summary>
    public Browser Use(int width = 1280, int height = 1000, string scheme = "light")
    {
        _browser ??= Browser.Start();
        _browser.Reset(width, height, scheme);
        return _browser;
    }

    public void Dispose() => _browser?.Dispose();
}

/// <summary>The tests that share the browser. They run one after the other.</summary>
[CollectionDefinition(nameof(OneBrowser))]
public sealed class SharesOneBrowser : ICollectionFixture<OneBrowser>;
