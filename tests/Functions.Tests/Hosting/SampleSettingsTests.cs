using System.Text.Json;
using System.Text.RegularExpressions;
using Lookup.Functions.Hosting;
using Microsoft.Extensions.Configuration;
using static Lookup.Functions.Tests.Hosting.TestSettings;

namespace Lookup.Functions.Tests.Hosting;

/// <summary>Tests that compare the settings that the service reads with the sample of the local settings and with docs/configuration.md.</summary>
public sealed partial class SampleSettingsTests
{
    /// <summary>The defaults of these settings depend on the machine or on another setting, which a value in the sample would hide.</summary>
    private static readonly string[] NotInSample = ["Lookup__MaxConnections", "Lookup__MaxConnectionsPerAddress"];

    [Fact]
    public void Sample_of_local_settings_has_every_setting_that_the_service_reads_and_no_other()
    {
        var sample = Sample().Select(value => value.Name).Where(name => name.StartsWith("Lookup__", StringComparison.Ordinal)).Select(WithoutIndex);

        Assert.Equal(NamesThatAreRead().Where(name => !NotInSample.Contains(name)), sample.Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Documentation_has_every_setting_that_the_service_reads_and_no_other()
    {
        var documented = Row().Matches(File.ReadAllText("configuration.md")).Select(row => WithoutIndex(row.Groups["name"].Value));

        Assert.Equal(NamesThatAreRead(), documented.Order(StringComparer.Ordinal));
    }

    /// <summary>Of the settings in the sample, only the size of the cache has no default that is the same on every machine.</summary>
    [Fact]
    public void Sample_of_local_settings_has_the_defaults()
    {
        var read = Read([.. Sample()]);
        var defaults = Read();

        Assert.Empty(read.Unknown);
        Assert.Equal(defaults.Follower, read.Follower);
        Assert.Equal(defaults.Guard, read.Guard);
        Assert.Equal(defaults.Probe, read.Probe);
        Assert.Equal(defaults.SharedTier, read.SharedTier);
        Assert.Equal(defaults.Cache with { SizeBytes = 0 }, read.Cache with { SizeBytes = 0 });
        Assert.Equal((defaults.Http.CacheControl, defaults.Http.KeyRequestUnitsPerSecond), (read.Http.CacheControl, read.Http.KeyRequestUnitsPerSecond));
        Assert.Equal((defaults.Http.HasNoKeys, defaults.ApiReference), (read.Http.HasNoKeys, read.ApiReference));
        Assert.Equal(defaults.Connections, read.Connections);
        Assert.Equal(PathsOf(defaults), PathsOf(read));
        Assert.Equal((defaults.Cosmos.LimitToEndpoint, defaults.Cosmos.Mode), (read.Cosmos.LimitToEndpoint, read.Cosmos.Mode));
        Assert.Equal((defaults.Cosmos.Database, defaults.Cosmos.Container, defaults.Cosmos.FeedMode), (read.Cosmos.Database, read.Cosmos.Container, read.Cosmos.FeedMode));
        Assert.Equal("false", Sample().Single(value => value.Name == "Lookup__AllowPlainHttp").Value); // not kept after the check of the address

        static string[] PathsOf(LookupSettings settings) =>
        [
            settings.Shape.PartitionKey.Text,
            .. settings.Shape.AlternateKeys.Select(path => path.Text),
            "hidden",
            .. settings.Shape.HiddenFields.Select(path => path.Text),
        ];
    }

    /// <summary>Returns the names of the settings that the service reads, in order.</summary>
    private static IEnumerable<string> NamesThatAreRead()
    {
        var recorder = new RecordingProvider();
        recorder.Set("CosmosConnection", Connection);
        using var configuration = new ConfigurationRoot([recorder]);
        SettingsReader.Read(configuration);
        return recorder.Keys
            .Select(key => key.Split(':'))
            .Where(parts => parts is ["Lookup", _, ..])
            .Select(parts => $"Lookup__{parts[1]}")
            .Distinct()
            .Order(StringComparer.Ordinal);
    }

    private static IEnumerable<(string Name, string Value)> Sample()
    {
        using var sample = JsonDocument.Parse(File.ReadAllText("local.settings.sample.json"));
        return [.. sample.RootElement.GetProperty("Values").EnumerateObject().Select(value => (value.Name, value.Value.GetString()!))];
    }

    private static string WithoutIndex(string name) => Index().Replace(name, "");

    /// <summary>A row of a table whose first cell is one setting.</summary>
    [GeneratedRegex(@"^\| `(?<name>Lookup__\w+)` \|", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Row();

    [GeneratedRegex("__(N|[0-9]+)$", RegexOptions.CultureInvariant)]
    private static partial Regex Index();

    /// <summary>A provider that records the keys that are looked up, and those whose children are.</summary>
    private sealed class RecordingProvider : ConfigurationProvider
    {
        public HashSet<string> Keys { get; } = [];

        public override bool TryGet(string key, out string? value)
        {
            Keys.Add(key);
            return base.TryGet(key, out value);
        }

        public override IEnumerable<string> GetChildKeys(IEnumerable<string> earlierKeys, string? parentPath)
        {
            Keys.Add(parentPath ?? "");
            return base.GetChildKeys(earlierKeys, parentPath);
        }
    }
}
