using System.Text.Json;
using static Lookup.Functions.Tests.Hosting.TestSettings;

namespace Lookup.Functions.Tests.Hosting;

/// <summary>Tests that compare the sample of the local settings with the service.</summary>
public sealed class SampleSettingsTests
{
    [Fact]
    public void Sample_of_local_settings_lists_every_setting_with_its_default()
    {
        using var sample = JsonDocument.Parse(File.ReadAllText("local.settings.sample.json"));
        var values = sample.RootElement.GetProperty("Values").EnumerateObject().Select(value => (value.Name, value.Value.GetString()!)).ToArray();
        var read = Read(values);
        var defaults = Read();

        Assert.Empty(read.Unknown);
        Assert.Equal(defaults.Follower, read.Follower);
        Assert.Equal(defaults.Cache with { SizeBytes = 0 }, read.Cache with { SizeBytes = 0 });
        Assert.Equal(defaults.Http.CacheControl, read.Http.CacheControl);
        Assert.DoesNotContain(values, value => value.Name == "Lookup__MaxConnectionsPerAddress"); // its default depends on another setting
        Assert.Equal((defaults.MaxConnections, defaults.MaxConnectionsPerAddress), (read.MaxConnections, read.MaxConnectionsPerAddress));
        Assert.Equal(defaults.Shape.AlternateKeys.Select(path => path.Text), read.Shape.AlternateKeys.Select(path => path.Text));
        Assert.Equal((defaults.Cosmos.LimitToEndpoint, defaults.Cosmos.Mode), (read.Cosmos.LimitToEndpoint, read.Cosmos.Mode));
        Assert.Equal((defaults.Cosmos.Database, defaults.Cosmos.Container, defaults.Cosmos.FeedMode), (read.Cosmos.Database, read.Cosmos.Container, read.Cosmos.FeedMode));
    }
}
