using System.Text.Json;
using Microsoft.Extensions.Configuration;

namespace Lookup.Host.Tests.Driver;

/// <summary>The settings by which the Functions host calls an app as a custom handler.</summary>
internal static class CustomHandlerSettings
{
    private const string JobHost = "AzureFunctionsJobHost__";

    /// <summary>Reads the app settings of the published folder that turn the app into a custom handler.</summary>
    public static IReadOnlyDictionary<string, string> AppSettings(PublishedApp app) =>
        JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllText(Path.Combine(app.Root, "custom-handler.settings.json")))!;

    /// <summary>Reads the section <c>customHandler</c> as the host sees it: in host.json, with the app settings over it.</summary>
    public static IConfigurationSection Read(PublishedApp app) => new ConfigurationBuilder()
        .AddJsonFile(Path.Combine(app.Root, "host.json"))
        .AddInMemoryCollection(AppSettings(app).Where(setting => setting.Key.StartsWith(JobHost, StringComparison.Ordinal)).Select(setting =>
            KeyValuePair.Create(setting.Key[JobHost.Length..].Replace("__", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal), (string?)setting.Value)))
        .Build()
        .GetSection("customHandler");
}
