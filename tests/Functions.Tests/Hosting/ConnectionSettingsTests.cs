using Lookup.Functions.Cosmos.Connecting;
using Lookup.Functions.Hosting;
using Lookup.Functions.Settings;
using Microsoft.Azure.Cosmos;
using static Lookup.Functions.Tests.Hosting.TestSettings;

namespace Lookup.Functions.Tests.Hosting;

/// <summary>Tests of the settings of the connection: the connection string, the identity, and the defaults that depend on the account.</summary>
public sealed class ConnectionSettingsTests
{
    private const string IdentityResource =
        "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/users/providers/Microsoft.ManagedIdentity/userAssignedIdentities/lookup";

    [Fact]
    public void Create_without_a_connection_names_both_ways_to_configure_one()
    {
        var error = Assert.Throws<LookupSettingsException>(() => LookupHost.Create([], SettingsWith(("CosmosConnection", ""))));

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
    public void Remote_store_without_TLS_requires_AllowPlainHttp()
    {
        var settings = Read(("CosmosConnection", Connection.Replace("127.0.0.1", "cosmos")), ("Lookup__AllowPlainHttp", "true"));

        Assert.Equal("cosmos", settings.Cosmos.Account.Endpoint.Host);
    }

    [Fact]
    public void Text_of_the_settings_does_not_contain_the_key()
    {
        Assert.DoesNotContain("c2VjcmV0", Read().ToString());
        Assert.DoesNotContain("c2VjcmV0", Read().Cosmos.ToString());
        Assert.DoesNotContain("c2VjcmV0", Read().Cosmos.Account.ToString());
    }
}
