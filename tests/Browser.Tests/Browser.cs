using System.Globalization;
using System.Text.Json;
using OpenQA.Selenium;
using OpenQA.Selenium.Chrome;

namespace Lookup.Browser.Tests;

/// <summary>
/// A headless Chromium with a temporary profile. It downloads nothing in the background and reports the requests it has sent. The tests use
/// it one after the other. Each serves its pages at a new origin, so no test sees what another one stored.
/// </summary>
public sealed class Browser : IDisposable
{
    private static readonly string[] Arguments =
    [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--no-first-run", "--hide-scrollbars",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ];

    private readonly DirectoryInfo _profile = Directory.CreateTempSubdirectory("lookup-browser-");
    private readonly ChromeDriverService _service;
    private readonly List<string> _requested = [];

    private Browser(string chromium, string driver)
    {
        var options = new ChromeOptions { BinaryLocation = chromium };
        options.AddArguments([.. Arguments, $"--user-data-dir={_profile.FullName}"]);
        options.SetLoggingPreference(LogType.Browser, LogLevel.All);
        options.SetLoggingPreference(LogType.Performance, LogLevel.All);
        _service = ChromeDriverService.CreateDefaultService(driver);
        _service.SuppressInitialDiagnosticInformation = true;
        _service.InitializationTimeout = Eventually.Limit;
        Driver = new ChromeDriver(_service, options, Eventually.Limit);
        Driver.Manage().Timeouts().AsynchronousJavaScript = Eventually.Limit;
        Driver.Manage().Timeouts().PageLoad = Eventually.Limit;
    }

    public ChromeDriver Driver { get; }

    /// <summary>Starts Chromium. If it is not installed, the test is skipped on a developer machine and fails in CI.</summary>
    internal static Browser Start()
    {
        const string Missing = "Chromium and chromedriver are not in the PATH; eng/install-browser.sh installs them on Debian.";
        var (chromium, driver) = (Find("chromium"), Find("chromedriver"));
        if (chromium is null || driver is null)
        {
            Assert.SkipUnless(Environment.GetEnvironmentVariable("CI") == "true", Missing);
            Assert.Fail(Missing);
        }

        return new Browser(chromium, driver);
    }

    /// <summary>Leaves the page of the previous test and forgets its requests and messages.</summary>
    internal void Reset(int width, int height, string scheme)
    {
        Driver.Navigate().GoToUrl("about:blank");
        Driver.Manage().Logs.GetLog(LogType.Performance);
        Driver.Manage().Logs.GetLog(LogType.Browser);
        _requested.Clear();
        Look(width, height, scheme);
    }

    public void Look(int width, int height, string scheme)
    {
        Driver.ExecuteCdpCommand("Emulation.setDeviceMetricsOverride", new() { ["width"] = width, ["height"] = height, ["deviceScaleFactor"] = 1, ["mobile"] = width < 500 });
        Driver.ExecuteCdpCommand("Emulation.setEmulatedMedia", new()
        {
            ["features"] = new object[]
            {
                new Dictionary<string, object> { ["name"] = "prefers-color-scheme", ["value"] = scheme },

                // Without a graphics processor, each frame of an animation takes time of the processor.
                new Dictionary<string, object> { ["name"] = "prefers-reduced-motion", ["value"] = "reduce" },
            },
        });
    }

    public void Open(Uri address) => Driver.Navigate().GoToUrl(address);

    public IWebElement Find(By by) => Driver.FindElement(by);

    public string TextOf(string selector) => Ask<string>($"return document.querySelector({JsonSerializer.Serialize(selector)})?.textContent ?? ''");

    public T Ask<T>(string script) => (T)Driver.ExecuteScript(script)!;

    /// <summary>Gets the leading number of a text such as "99.2 %", or <see langword="null"/> if there is none yet.</summary>
    public double? NumberIn(string selector)
    {
        var digits = string.Concat(TextOf(selector).TakeWhile(c => char.IsAsciiDigit(c) || c is '.' or ',' or '-' or '−')).Replace('−', '-');
        return double.TryParse(digits, NumberStyles.Number, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    public Task UntilAsync(Func<bool> condition, string what) => Eventually.IsTrueAsync(condition, $"{what}; the page shows: {TextOf("#state")}");

    public Task UntilHeadlineAsync(string headline) => UntilAsync(() => TextOf("#headline") == headline, $"the headline is '{headline}'");

    /// <summary>Gets the addresses of all requests that the pages have sent.</summary>
    public IReadOnlyList<Uri> Requested()
    {
        foreach (var entry in Driver.Manage().Logs.GetLog(LogType.Performance))
        {
            var message = JsonDocument.Parse(entry.Message).RootElement.GetProperty("message");
            if (message.GetProperty("method").GetString() == "Network.requestWillBeSent")
                _requested.Add(message.GetProperty("params").GetProperty("request").GetProperty("url").GetString()!);
        }

        return [.. _requested.Select(url => new Uri(url)).Where(url => url.Scheme is "http" or "https" or "ws" or "wss")];
    }

    /// <summary>
    /// Asserts that the console has no warning or error, such as a failed request or a policy violation, and that the pages have sent
    /// requests to this origin only.
    /// </summary>
    public void ShouldHaveKeptTo(Uri origin)
    {
        Assert.DoesNotContain(Driver.Manage().Logs.GetLog(LogType.Browser), entry => entry.Level >= LogLevel.Warning);
        Assert.All(Requested(), url => Assert.Equal(origin.Authority, url.Authority));
    }

    public void Dispose()
    {
        Driver.Quit();
        _service.Dispose();
        try
        {
            _profile.Delete(recursive: true);
        }
        catch (IOException)
        {
            // A browser process is still exiting. The folder is temporary, so it can remain.
        }
    }

    private static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => Path.Combine(folder, program))
        .FirstOrDefault(File.Exists);
}
