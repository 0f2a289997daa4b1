using Lookup.Domain.Caching;
using Lookup.Functions.Hosting;
using Lookup.Functions.Settings;
using Lookup.Support;
using static Lookup.Functions.Tests.Hosting.TestSettings;

namespace Lookup.Functions.Tests.Hosting;

/// <summary>Tests of the settings under <c>Lookup__</c>, and of the addresses to listen on.</summary>
public sealed class SettingsTests
{
    [Theory]
    [InlineData("Lookup__MaxStaleness", "5", "Lookup__MaxStaleness is '5'; it must be a duration written hh:mm:ss")]
    [InlineData("Lookup__MaxStaleness", "00:00:00", "Lookup__MaxStaleness is 00:00:00; it must be at least 00:00:00.1")]
    [InlineData("Lookup__PollInterval", "02:00:00", "Lookup__PollInterval is 02:00:00; it must be at least")]
    [InlineData("Lookup__IdleAfter", "00:00:00.500", "Lookup__IdleAfter is 00:00:00.5000000; it must be at least 00:00:01")]
    [InlineData("Lookup__CacheSizeBytes", "1", "Lookup__CacheSizeBytes is 1; it must be at least 1048576")]
    [InlineData("Lookup__CacheSizeBytes", "1 GB", "Lookup__CacheSizeBytes is '1 GB'; it must be a number of bytes")]
    [InlineData("Lookup__EvictionPolicy", "Lru", "Lookup__EvictionPolicy is 'Lru'; it must be LeastRecentlyUsed or S3Fifo")]
    [InlineData("Lookup__MaxUnseenDelete", "00:00:01", "Lookup__MaxUnseenDelete is 00:00:01; it must be at least 00:00:05")]
    [InlineData("Lookup__StoreConcurrency", "0", "Lookup__StoreConcurrency is '0'; it must be a number from 1 to 10000.")]
    [InlineData("Lookup__StoreQueue", "-1", "Lookup__StoreQueue is '-1'; it must be a number from 0 to 100000.")]
    [InlineData("Lookup__MaxConnections", "many", "Lookup__MaxConnections is 'many'; it must be a number from 1 to 1000000.")]
    [InlineData("Lookup__FeedMode", "Latest", "Lookup__FeedMode is 'Latest'; it must be LatestVersion or AllVersionsAndDeletes")]
    [InlineData("Lookup__ConnectionMode", "1", "Lookup__ConnectionMode is '1'; it must be Gateway or Direct")]
    [InlineData("Lookup__PartitionKeyPath", "id", "Lookup__PartitionKeyPath is 'id'; it must be a path such as /email")]
    [InlineData("Lookup__AlternateKeys__0", "/a\"b", "Lookup__AlternateKeys is '/a\"b'; it must be a path")]
    [InlineData("Lookup__AlternateKeys__0", "/code", "Lookup__AlternateKeys gives the query parameter 'code' two meanings")]
    [InlineData("Lookup__AlternateKeys", "/email", "Lookup__AlternateKeys is a list; give its values as Lookup__AlternateKeys__0")]
    [InlineData("Lookup__HiddenFields__0", "/a//b", "Lookup__HiddenFields is '/a//b'; it must be a path")]
    [InlineData("Lookup__CacheControl", "a\r\nb", "Lookup__CacheControl is")]
    [InlineData("FUNCTIONS_CUSTOMHANDLER_PORT", "x", "FUNCTIONS_CUSTOMHANDLER_PORT is 'x'; it must be a port")]
    [InlineData("urls", "http://0.0.0.0:7071", "No key is set, so the service may listen on loopback addresses only, but the address is 'http://0.0.0.0:7071'")]
    [InlineData("urls", "http://*:7071", "No key is set")]
    [InlineData("urls", "7071", "'7071' is not a valid address to listen on; it must look like http://127.0.0.1:7071.")]
    [InlineData("urls", "https://127.0.0.1:7071", "'https://127.0.0.1:7071' is not an http address; the service does not provide TLS itself")]
    [InlineData("CosmosConnection", "x=y", "CosmosConnection lacks AccountEndpoint or AccountKey")]
    [InlineData("CosmosConnection", "AccountEndpoint=ftp://x;AccountKey=c2VjcmV0LWtleQ==", "AccountEndpoint in CosmosConnection is 'ftp://x'")]
    [InlineData("CosmosConnection", "AccountEndpoint=http://x;AccountKey=secret!key", "AccountKey in CosmosConnection is not a valid account key")]
    [InlineData("CosmosConnection", "AccountEndpoint=http://cosmos:8081/;AccountKey=c2VjcmV0LWtleQ==", "The account endpoint is 'http://cosmos:8081/', which does not use TLS and is not on this machine")]
    [InlineData("CosmosConnection", "AccountEndpoint=http://127.0.0.1:8081/;AccountKey=c2VjcmV0LWtleQ==;DisableServerCertificateValidation=yes", "DisableServerCertificateValidation in CosmosConnection is not valid; it must be True or False.")]
    [InlineData("CosmosConnection", "AccountEndpoint=http://127.0.0.1:8081/;AccountKey=c2VjcmV0LWtleQ==;DisableServerCertificateValidaton=True", "CosmosConnection contains 'disableservercertificatevalidaton', which is not a part of a connection string; did you mean DisableServerCertificateValidation?")]
    [InlineData("CosmosConnection", "AccountEndpoint=http://127.0.0.1:8081/;AcountKey=c2VjcmV0LWtleQ==", "CosmosConnection contains 'acountkey', which is not a part of a connection string; did you mean AccountKey?")]
    [InlineData("CosmosConnection", "AccountEndpoint=http://127.0.0.1:8081/;AccountKey=c2VjcmV0LWtleQ==;AccountKey=c2VjcmV0LWtleTI=", "CosmosConnection contains AccountKey 2 times; it must contain it once.")]
    [InlineData("CosmosConnection", "AccountEndpoint=http://127.0.0.1:8081/;AccountEndpoint=;AccountKey=c2VjcmV0LWtleQ==", "CosmosConnection contains AccountEndpoint 2 times; it must contain it once.")]
    [InlineData("CosmosConnection__acountEndpoint", "https://x", "CosmosConnection__acountEndpoint is not a setting of this service; did you mean CosmosConnection__accountEndpoint?")]
    [InlineData("CosmosConnection__credentials", "managedidentity", "CosmosConnection__credentials is not a setting of this service; did you mean CosmosConnection__credential?")]
    [InlineData("CosmosConnection__managedIdentityResourcId", "x", "CosmosConnection__managedIdentityResourcId is not a setting of this service; did you mean CosmosConnection__managedIdentityResourceId?")]
    [InlineData("CosmosConnection__clientCertificate", "x", "CosmosConnection__clientCertificate is not supported by this service. Supported settings: CosmosConnection__accountEndpoint")]
    [InlineData("Lookup__LimitToEndpoint", "yes", "Lookup__LimitToEndpoint is 'yes'; it must be true or false.")]
    [InlineData("Lookup__AllowPlainHttp", "yes", "Lookup__AllowPlainHttp is 'yes'; it must be true or false.")]
    [InlineData("Lookup__Keys__0", "secret-too-short", null)]
    [InlineData("Lookup__Keys__0", "secret-of-15-ch", "Lookup__Keys has a value that cannot be a key; a key has 16 to 1024 printable ASCII characters without blanks.")]
    [InlineData("Lookup__AdminKeys__0", "secret with blanks", "Lookup__AdminKeys has a value that cannot be a key")]
    [InlineData("Lookup__AdminKeys__0", "secret-schlüssel-", "Lookup__AdminKeys has a value that cannot be a key")]
    [InlineData("Lookup__SharedTier", "password=secret", "Lookup__SharedTier is not valid: it does not begin with an endpoint.")]
    [InlineData("Lookup__SharedTier", "memcached://:secret@127.0.0.1", "Lookup__SharedTier is not valid: it contains a user or a password")]
    [InlineData("Lookup__SharedTierKey__0", "secret", "Lookup__SharedTierKey__0 is not a key; it must be 32 bytes in base64")]
    [InlineData("Lookup__SharedTierTimeout", "00:00:02", "Lookup__SharedTierTimeout is 00:00:02; it must be at least 00:00:00.0010000 and at most 00:00:01")]
    [InlineData("Lookup__SharedTierTimeToLive", "3600", "Lookup__SharedTierTimeToLive is '3600'; it must be a duration")]
    [InlineData("Lookup__MaxStalenes", "00:00:05", "Lookup__MaxStalenes is not a setting of this service; did you mean Lookup__MaxStaleness?")]
    [InlineData("Lookup__hidden_fields__0", "/a", "Lookup__hidden_fields is not a setting of this service; did you mean Lookup__HiddenFields?")]
    [InlineData("Lookup__HiddenFeilds__0", "/a", "Lookup__HiddenFeilds is not a setting of this service; did you mean Lookup__HiddenFields?")]
    [InlineData("Lookup__Key__0", "/a", "Lookup__Key is not a setting of this service; did you mean Lookup__Keys?")]
    [InlineData("CosmosConnection", "secret!key", "CosmosConnection is not a valid connection string")]
    [InlineData("Lookup__HiddenFields__0", "/a,/b", "Lookup__HiddenFields is '/a,/b'; it must be one path such as /contact/phone")]
    [InlineData("Lookup__HiddenFields__0", "/a;/b", "Lookup__HiddenFields is '/a;/b'; it must be one path")]
    [InlineData("Lookup__HiddenFields__0", "/a /b", "Lookup__HiddenFields is '/a /b'; it must be one path")]
    [InlineData("Lookup__HiddenFields__0", "/a|/b", "Lookup__HiddenFields is '/a|/b'; it must be one path")]
    [InlineData("Lookup__HiddenFields__0", "/a,", "Lookup__HiddenFields is '/a,'; it must be one path")]
    [InlineData("Lookup__HiddenFields__0", "/phones/0/number", "Lookup__HiddenFields is '/phones/0/number'; it must be one path")]
    [InlineData("Lookup__HiddenFields__0", "/phones/0", "Lookup__HiddenFields is '/phones/0'; it must be one path")]
    [InlineData("Lookup__HiddenFields__0", "/a~1b", "Lookup__HiddenFields is '/a~1b'; it must be one path")]
    [InlineData("Lookup__AlternateKeys__0", "/email,/phone", "Lookup__AlternateKeys is '/email,/phone'; it must be one path")]
    [InlineData("Lookup__HiddenFields__0__0", "/a", "Lookup__HiddenFields__0 has values of its own, such as Lookup__HiddenFields__0__0; give each value as Lookup__HiddenFields__0")]
    [InlineData("Lookup__Keys__0__0", "secret-of-the-lookup", "Lookup__Keys__0 has values of its own, such as Lookup__Keys__0__0; give each value as Lookup__Keys__0")]
    [InlineData("Lookup__AdminKeys__0__Value", "secret-of-the-admin", "Lookup__AdminKeys__0 has values of its own")]
    [InlineData("Lookup__MaxConnections__0", "5", "Lookup__MaxConnections__0 is not a setting of this service; Lookup__MaxConnections has one value")]
    [InlineData("Lookup__MaxStaleness__Value", "00:00:01", "Lookup__MaxStaleness__Value is not a setting of this service; Lookup__MaxStaleness has one value")]
    [InlineData("Lookup_HiddenFields__0", "/a", "Lookup_HiddenFields is not a setting of this service; did you mean Lookup__HiddenFields?")]
    [InlineData("LOOKUP_HIDDENFIELDS__0", "/a", "LOOKUP_HIDDENFIELDS is not a setting of this service; did you mean Lookup__HiddenFields?")]
    [InlineData("Lookup_MaxStaleness", "00:00:01", "Lookup_MaxStaleness is not a setting of this service; did you mean Lookup__MaxStaleness?")]
    [InlineData("Lokup__HiddenFields__0", "/a", "Lokup__HiddenFields is not a setting of this service; did you mean Lookup__HiddenFields?")]
    [InlineData("Lookups__HiddenField__0", "/a", "Lookups__HiddenField is not a setting of this service; did you mean Lookup__HiddenFields?")]
    [InlineData("Loookup__Keys__0", "secret-of-the-lookup", "Loookup__Keys is not a setting of this service; did you mean Lookup__Keys?")]
    [InlineData("Lookup__HiddenPaths__0", "/a", "Lookup__HiddenPaths is not a setting of this service; did you mean Lookup__HiddenFields?")]
    [InlineData("Lookup__Hidden__0", "/a", "Lookup__Hidden is not a setting of this service; did you mean Lookup__HiddenFields?")]
    [InlineData("Lookup__HideProperties__0", "/a", "Lookup__HideProperties is not a setting of this service; did you mean Lookup__HiddenFields?")]
    [InlineData("Lookup__MaxConnectionsPerAddress", "16385", "Lookup__MaxConnectionsPerAddress is '16385'; it must be a number from 1 to 16384 (Lookup__MaxConnections).")]
    [InlineData("Lookup__AlternateKeys__0", "/PK", "Lookup__AlternateKeys gives the query parameter 'PK' two meanings")]
    [InlineData("Lookup__AlternateKeys__0", "/Code", "Lookup__AlternateKeys gives the query parameter 'Code' two meanings")]
    [InlineData("Lookup__KeyRequestUnitsPerSecond", "0.0000000000001", "Lookup__KeyRequestUnitsPerSecond is '0.0000000000001'; it must be 0 or a number from 0.001 to 1000000")]
    [InlineData("Lookup__ProbeRequestUnitsPerSecond", "0.0001", "Lookup__ProbeRequestUnitsPerSecond is '0.0001'; it must be 0 or a number from 0.001 to 1000")]
    public void Create_with_an_invalid_setting_reports_the_allowed_values(string key, string value, string? expected)
    {
        if (expected is null)
        {
            Read((key, value)); // the shortest valid value
            return;
        }

        var error = Assert.Throws<LookupSettingsException>(() => LookupHost.Create([], SettingsWith((key, value))));

        Assert.StartsWith(expected, error.Message);
        Assert.DoesNotContain('\n', error.Message.Replace(value, "", StringComparison.Ordinal));
        Assert.DoesNotContain("secret", error.Message);
        Assert.DoesNotContain("c2VjcmV0", error.Message);
    }

    /// <summary>The server would listen on that address instead of the host's port, and bypass the host, which validates the keys.</summary>
    [Theory]
    [InlineData("FUNCTIONS_CUSTOMHANDLER_PORT")]
    [InlineData("FUNCTIONS_HTTPWORKER_PORT")]
    [InlineData("Unused")]
    public void Create_rejects_Kestrel_endpoints_in_every_hosting_mode(string port)
    {
        var settings = SettingsWith((port, "7072"), ("Kestrel__Endpoints__X__Url", "http://0.0.0.0:7073"));

        var error = Assert.Throws<LookupSettingsException>(() => LookupHost.Create([], settings));

        Assert.StartsWith("Kestrel__Endpoints is set", error.Message);
    }

    [Fact]
    public void Eviction_policy_is_taken_from_the_setting()
    {
        Assert.Equal(EvictionPolicy.S3Fifo, Read(("Lookup__EvictionPolicy", "S3Fifo")).Cache.EvictionPolicy);
        Assert.Equal(EvictionPolicy.LeastRecentlyUsed, Read().Cache.EvictionPolicy);
    }

    [Fact]
    public void Unrecognized_settings_are_reported()
    {
        Assert.Equal(["Lookup__Quota"], Read(("Lookup__Quota", "5")).Unknown);
    }

    [Theory]
    [InlineData("LOOKUP_HIDDEN_FIELDS")]
    [InlineData("LOOKUP_MAX_STALENESS")]
    [InlineData("LOOKUP_DATABASE")]
    public void Similar_names_of_other_programs_are_reported_and_do_not_prevent_startup(string name)
    {
        Assert.Equal([name], Read((name, "x")).Unknown);
    }

    [Theory]
    [InlineData("LOOKUP_TRIGGER_ENABLED")]
    [InlineData("LOOKUP_SERVICE_HOST")]
    [InlineData("LOOKUP_PORT_8080_TCP_ADDR")]
    [InlineData("Logging__LogLevel__Default")]
    [InlineData("Backup__Database")]
    public void Dissimilar_names_of_other_programs_are_not_reported(string name)
    {
        Assert.Empty(Read((name, "x")).Unknown);
    }

    [Fact]
    public void Share_of_an_address_depends_on_the_maximum_number_of_connections()
    {
        var settings = Read(("Lookup__MaxConnections", "1000"));
        var error = Assert.Throws<LookupSettingsException>(() => Read(("Lookup__MaxConnections", "100"), ("Lookup__MaxConnectionsPerAddress", "101")));

        Assert.Equal((1000, 875), (settings.Connections.Max, settings.Connections.MaxPerAddress));
        Assert.Equal((1, 1), (Read(("Lookup__MaxConnections", "1")).Connections.Max, Read(("Lookup__MaxConnections", "1")).Connections.MaxPerAddress));
        Assert.Equal("Lookup__MaxConnectionsPerAddress is '101'; it must be a number from 1 to 100 (Lookup__MaxConnections).", error.Message);
        Assert.Equal(14_336, Read().Connections.MaxPerAddress);
    }

    [Fact]
    public void Alternate_keys_that_differ_only_in_case_are_rejected()
    {
        var error = Assert.Throws<LookupSettingsException>(() => Read(("Lookup__AlternateKeys__0", "/email"), ("Lookup__AlternateKeys__1", "/contact/Email")));

        Assert.StartsWith("Lookup__AlternateKeys gives the query parameter 'email' two meanings", error.Message);
    }

    [Theory]
    [InlineData("public, max-age=60", false)]
    [InlineData("private, s-maxage=60", false)]
    [InlineData("private, PUBLIC", false)]
    [InlineData("max-age=60", false)]
    [InlineData("must-revalidate", false)]
    [InlineData("no-cache=\"Age\", max-age=60", false)]
    [InlineData("private, no-cache", true)]
    [InlineData("Private, max-age=1", true)]
    [InlineData("no-store", true)]
    [InlineData("no-cache", true)]
    public async Task Cache_control_that_lets_a_shared_cache_serve_without_a_key_is_rejected(string value, bool isAllowed)
    {
        await using var local = LookupHost.Create([], SettingsWith(("Lookup__CacheControl", value))); // without keys, any value is allowed
        foreach (var (name, protects) in ((string, string)[])[("Lookup__Keys__0", "lookup-key-000001"), ("Lookup__AdminKeys__0", "admin-key-0000001"), ("FUNCTIONS_CUSTOMHANDLER_PORT", "7072")])
        {
            var settings = SettingsWith(("Lookup__CacheControl", value), (name, protects));
            if (isAllowed)
                await LookupHost.Create([], settings).DisposeAsync();
            else
                Assert.StartsWith($"Lookup__CacheControl is '{value}'; it must be a field with private", Assert.Throws<LookupSettingsException>(() => LookupHost.Create([], settings)).Message);
        }
    }

    [Fact]
    public void Values_of_lists_are_trimmed()
    {
        var settings = Read(
            ("Lookup__HiddenFields__0", "/passwordHash "), ("Lookup__HiddenFields__1", "\t/ssn"), ("Lookup__HiddenFields__2", "  "), ("Lookup__Keys__0", "  "));

        Assert.Equal(["/passwordHash", "/ssn"], settings.Shape.HiddenFields.Select(path => path.Text));
        Assert.Empty(settings.Http.Keys);
    }

    [Fact]
    public void Key_in_both_lists_is_rejected()
    {
        const string Key = "0123456789abcdef";

        var error = Assert.Throws<LookupSettingsException>(() => Read(("Lookup__Keys__0", Key), ("Lookup__AdminKeys__0", Key + " ")));

        Assert.StartsWith("Lookup__Keys and Lookup__AdminKeys have a key in common", error.Message);
        Assert.DoesNotContain(Key, error.Message);
    }

    [Fact]
    public void Empty_first_value_of_a_list_means_an_empty_list()
    {
        Assert.Empty(Read(("Lookup__AlternateKeys__0", "")).Shape.AlternateKeys);
        Assert.Equal("/email", Assert.Single(Read().Shape.AlternateKeys).Text);
    }

    [Fact]
    public async Task Process_with_an_invalid_setting_prints_one_line_and_exits_with_1()
    {
        var (exitCode, _, error) = await ChildProcess.RunAsync(
            "dotnet", [typeof(LookupHost).Assembly.Location], [("CosmosConnection", Connection), ("Lookup__MaxStaleness", "never")], Cancel.Token);

        Assert.Equal(1, exitCode);
        Assert.Equal(
            "Error: Lookup__MaxStaleness is 'never'; it must be a duration written hh:mm:ss, such as 00:00:05 or 00:00:00.250.", error.TrimEnd());
    }
}
