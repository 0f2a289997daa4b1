using Lookup.Functions.Hosting;
using Microsoft.Extensions.Configuration;

namespace Lookup.Functions.Tests.Hosting;

/// <summary>Settings for tests, which are valid unless a test replaces one.</summary>
internal static class TestSettings
{
    public const string Connection = "AccountEndpoint=http://127.0.0.1:8081/;AccountKey=c2VjcmV0LWtleQ==;";

    /// <summary>Reads the settings, as on a machine that allows any number of connections.</summary>
    public static LookupSettings Read(params (string Key, string Value)[] settings) => Read(MachineLimits.None, settings);

    public static LookupSettings Read(MachineLimits limits, params (string Key, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(SettingsWith(settings).ToDictionary(pair => pair.Key.Replace("__", ":", StringComparison.Ordinal), pair => pair.Value))
            .Build();
        return SettingsReader.Read(configuration, limits);
    }

    public static (string, string)[] AtEndpoint(params (string Name, string Value)[] settings) =>
    [
        ("CosmosConnection", ""),
        ("CosmosConnection__accountEndpoint", "https://users.documents.azure.com/"),
        .. settings.Select(setting => ($"CosmosConnection__{setting.Name}", setting.Value)),
    ];

    public static Dictionary<string, string?> SettingsWith(params (string Key, string Value)[] settings)
    {
        var all = new Dictionary<string, string?> { ["CosmosConnection"] = Connection };
        foreach (var (key, value) in settings)
            all[key] = value;
        return all;
    }
}
