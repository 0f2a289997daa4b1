using System.Text.Json;
using Lookup.Domain.Caching;
using Lookup.Functions.Cosmos.Connecting;
using Lookup.Functions.Hosting;
using Lookup.Functions.Settings;
using Lookup.Support;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Configuration;

namespace Lookup.Functions.Tests.Hosting;

public sealed class SettingsTests
{
    private const string Connection = "AccountEndpoint=http://127.0.0.1:8081/;AccountKey=c2VjcmV0LWtleQ==;";

    private const string IdentityResource =
        "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/users/providers/Microsoft.ManagedIdentity/userAssignedIdentities/lookup";

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

        var error = Assert.Throws<LookupSettingsException>(() => LookupHost.Create([], Settings((key, value))));

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
        var settings = Settings((port, "7072"), ("Kestrel__Endpoints__X__Url", "http://0.0.0.0:7073"));

        var error = Assert.Throws<LookupSettingsException>(() => LookupHost.Create([], settings));

        Assert.StartsWith("Kestrel__Endpoints is set", error.Message);
    }

    [Fact]
    public void Create_without_a_connection_names_both_ways_to_configure_one()
    {
        var error = Assert.Throws<LookupSettingsException>(() => LookupHost.Create([], Settings(("CosmosConnection", ""))));

        Assert.Contains("CosmosConnection ", error.Message);
        Assert.Contains("CosmosConnection__accountEndpoint", error.Message);
    }

    [Fact]
    public void Account_endpoint_selects_the_managed_identity_and_direct_mode()
    {
        var settings = Read(("CosmosConnection", ""), ("CosmosConnection__accountEndpoint", "https://users.documents.azure.com/"));

        Assert.Null(settings.Cosmos.Account.Key);
        Assert.Equal(CredentialKind.Default, settings.Cosmos.Account.Identity?.Kind);
        Assert.Equal(ConnectionMode.Direct, settings.Cosmos.Mode);
        Assert.False(settings.Cosmos.LimitToEndpoint);
    }

    [Theory]
    [InlineData("credential", "managedidenity", "CosmosConnection__credential is 'managedidenity'; it must be managedidentity or workloadidentity, or not set.")]
    [InlineData("credential", "s3cr3t", "CosmosConnection__credential is not valid; it must be managedidentity or workloadidentity, or not set.")]
    [InlineData("clientId", "my-identity", "CosmosConnection__clientId is not valid; it must be the client id of the identity, such as 00000000-0000-0000-0000-000000000000.")]
    [InlineData("managedIdentityResourceId", "my-identity", "CosmosConnection__managedIdentityResourceId is not valid; it must be a resource id, such as /subscriptions/")]
    [InlineData("managedIdentityResourceId", "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/g/providers/Microsoft.Web/sites/s", "CosmosConnection__managedIdentityResourceId is not valid; it must be a resource id")]
    [InlineData("tenantId", "a tenant", "CosmosConnection__tenantId is not valid; it must be the id or the domain name of the tenant.")]
    [InlineData("clientSecret", "s3cr3t", "CosmosConnection__clientSecret is set; CosmosConnection__tenantId and CosmosConnection__clientId must be set too.")]
    [InlineData("clientsecrets", "s3cr3t", "CosmosConnection__clientsecrets is not a setting of this service; did you mean CosmosConnection__clientSecret?")]
    public void Identity_that_is_not_valid_prevents_startup(string name, string value, string expected)
    {
        var error = Assert.Throws<LookupSettingsException>(() => Read(AtEndpoint((name, value))));

        Assert.StartsWith(expected, error.Message);
        Assert.DoesNotContain("s3cr3t", error.Message);
        Assert.DoesNotContain("my-identity", error.Message);
    }

    [Theory]
    [InlineData("clientId", "00000000-0000-0000-0000-000000000001", "managedIdentityResourceId", IdentityResource, "an identity is given by one of them")]
    [InlineData("credential", "managedidentity", "tenantId", "contoso.com", "managedidentity has no tenant")]
    [InlineData("credential", "managedidentity", "clientSecret", "s3cr3t", "an application signs in with its secret if CosmosConnection__credential is not set")]
    [InlineData("credential", "workloadidentity", "managedIdentityResourceId", IdentityResource, "only a managed identity has a resource id")]
    public void Settings_of_an_identity_that_contradict_each_other_prevent_startup(string one, string oneValue, string other, string otherValue, string reason)
    {
        var error = Assert.Throws<LookupSettingsException>(() => Read(AtEndpoint((one, oneValue), (other, otherValue))));

        Assert.Contains($"CosmosConnection__{one}", error.Message);
        Assert.Contains($"CosmosConnection__{other}", error.Message);
        Assert.EndsWith($"are not compatible: {reason}.", error.Message);
        Assert.DoesNotContain("s3cr3t", error.Message);
    }

    [Theory]
    [InlineData("CosmosConection", "CosmosConection is not a setting of this service; did you mean CosmosConnection?")]
    [InlineData("CosmosConection__accountEndpoint", "CosmosConection__accountEndpoint is not a setting of this service; did you mean CosmosConnection?")]
    [InlineData("CosmosConnection_accountEndpoint", "CosmosConnection_accountEndpoint is not a setting of this service; did you mean CosmosConnection__accountEndpoint?")]
    public void Misspelled_connection_is_reported(string name, string expected)
    {
        var error = Assert.Throws<LookupSettingsException>(() => Read(("CosmosConnection", ""), (name, "https://x.documents.azure.com/")));

        Assert.Equal(expected, error.Message);
    }

    [Fact]
    public void Unknown_parts_of_the_connection_are_reported_and_do_not_prevent_startup()
    {
        Assert.Equal(
            ["'database' in CosmosConnection", "A part with an unknown name in CosmosConnection"],
            Read(("CosmosConnection", Connection + "Database=users;p4rt=1;")).Unknown);
        Assert.Equal(["CosmosConnection__preferredRegion"], Read(AtEndpoint(("preferredRegion", "x"))).Unknown);
    }

    [Fact]
    public void Settings_of_an_identity_beside_a_connection_string_are_reported()
    {
        var account = Read(("CosmosConnection__clientId", "not-read"), ("CosmosConnection__credential", "")).Cosmos.Account;

        Assert.Equal(["CosmosConnection__clientId"], account.Overridden);
        Assert.Null(account.Identity);
    }

    /// <summary>An account without a valid certificate is an emulator.</summary>
    [Theory]
    [InlineData("https://users.documents.azure.com/", "", false, ConnectionMode.Direct)]
    [InlineData("https://cosmos:8081/", "DisableServerCertificateValidation=True", true, ConnectionMode.Gateway)]
    [InlineData("https://cosmos:8081/", "DisableServerCertificateValidation=false", false, ConnectionMode.Direct)]
    [InlineData("https://127.0.0.1:8081/", "", true, ConnectionMode.Direct)]
    [InlineData("http://127.0.0.1:8081/", "", true, ConnectionMode.Gateway)]
    [InlineData("http://cosmos:8081/", "", true, ConnectionMode.Gateway)]
    public void Defaults_of_the_connection_depend_on_whether_the_account_is_an_emulator(string endpoint, string part, bool isLimited, ConnectionMode mode)
    {
        var cosmos = Read(
            ("CosmosConnection", $"AccountEndpoint={endpoint};AccountKey=c2VjcmV0LWtleQ==;{part}"), ("Lookup__AllowPlainHttp", "true")).Cosmos;

        Assert.Equal((isLimited, mode), (cosmos.LimitToEndpoint, cosmos.Mode));
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

        Assert.Equal((1000, 875), (settings.MaxConnections, settings.MaxConnectionsPerAddress));
        Assert.Equal((1, 1), (Read(("Lookup__MaxConnections", "1")).MaxConnections, Read(("Lookup__MaxConnections", "1")).MaxConnectionsPerAddress));
        Assert.Equal("Lookup__MaxConnectionsPerAddress is '101'; it must be a number from 1 to 100 (Lookup__MaxConnections).", error.Message);
        Assert.Equal(14_336, Read().MaxConnectionsPerAddress);
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
        await using var local = LookupHost.Create([], Settings(("Lookup__CacheControl", value))); // without keys, any value is allowed
        foreach (var (name, protects) in ((string, string)[])[("Lookup__Keys__0", "lookup-key-000001"), ("Lookup__AdminKeys__0", "admin-key-0000001"), ("FUNCTIONS_CUSTOMHANDLER_PORT", "7072")])
        {
            var settings = Settings(("Lookup__CacheControl", value), (name, protects));
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
    public void Remote_store_without_TLS_requires_AllowPlainHttp()
    {
        var settings = Read(("CosmosConnection", Connection.Replace("127.0.0.1", "cosmos")), ("Lookup__AllowPlainHttp", "true"));

        Assert.Equal("cosmos", settings.Cosmos.Account.Endpoint.Host);
    }

    [Fact]
    public void Empty_first_value_of_a_list_means_an_empty_list()
    {
        Assert.Empty(Read(("Lookup__AlternateKeys__0", "")).Shape.AlternateKeys);
        Assert.Equal("/email", Assert.Single(Read().Shape.AlternateKeys).Text);
    }

    [Fact]
    public void Text_of_the_settings_does_not_contain_the_key()
    {
        Assert.DoesNotContain("c2VjcmV0", Read().ToString());
        Assert.DoesNotContain("c2VjcmV0", Read().Cosmos.ToString());
        Assert.DoesNotContain("c2VjcmV0", Read().Cosmos.Account.ToString());
    }

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

    [Fact]
    public async Task Process_with_an_invalid_setting_prints_one_line_and_exits_with_1()
    {
        var (exitCode, _, error) = await ChildProcess.RunAsync(
            "dotnet", [typeof(LookupHost).Assembly.Location], [("CosmosConnection", Connection), ("Lookup__MaxStaleness", "never")], Cancel.Token);

        Assert.Equal(1, exitCode);
        Assert.Equal(
            "Error: Lookup__MaxStaleness is 'never'; it must be a duration written hh:mm:ss, such as 00:00:05 or 00:00:00.250.", error.TrimEnd());
    }

    private static LookupSettings Read(params (string Key, string Value)[] settings) =>
        SettingsReader.Read(new ConfigurationBuilder()
            .AddInMemoryCollection(Settings(settings).ToDictionary(pair => pair.Key.Replace("__", ":", StringComparison.Ordinal), pair => pair.Value))
            .Build());

    private static (string, string)[] AtEndpoint(params (string Name, string Value)[] settings) =>
    [
        ("CosmosConnection", ""),
        ("CosmosConnection__accountEndpoint", "https://users.documents.azure.com/"),
        .. settings.Select(setting => ($"CosmosConnection__{setting.Name}", setting.Value)),
    ];

    private static Dictionary<string, string?> Settings(params (string Key, string Value)[] settings)
    {
        var all = new Dictionary<string, string?> { ["CosmosConnection"] = Connection };
        foreach (var (key, value) in settings)
            all[key] = value;
        return all;
    }
}
