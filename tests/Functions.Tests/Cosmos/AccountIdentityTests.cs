using System.Collections.Concurrent;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using Lookup.Functions.Cosmos.Connecting;
using Lookup.Support;
using Microsoft.Extensions.Configuration;

namespace Lookup.Functions.Tests.Cosmos;

/// <summary>The credential of each kind of identity, and that its requests for a token name the identity.</summary>
public sealed class AccountIdentityTests
{
    private const string ClientId = "00000000-0000-0000-0000-000000000001";
    private const string ResourceId =
        "/subscriptions/00000000-0000-0000-0000-000000000002/resourceGroups/users/providers/Microsoft.ManagedIdentity/userAssignedIdentities/lookup";

    [Theory]
    [InlineData(typeof(DefaultAzureCredential))]
    [InlineData(typeof(DefaultAzureCredential), "clientId", ClientId, "tenantId", "contoso.com")]
    [InlineData(typeof(ManagedIdentityCredential), "credential", "ManagedIdentity")]
    [InlineData(typeof(WorkloadIdentityCredential), "credential", "workloadidentity")]
    [InlineData(typeof(ClientSecretCredential), "tenantId", "contoso.com", "clientId", ClientId, "clientSecret", "secret")]
    public void Settings_select_the_credential(Type expected, params string[] settings)
    {
        var identity = Read(settings);

        Assert.IsType(expected, identity.CreateCredential());
        Assert.DoesNotContain("secret=", identity.ToString(), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("client_id", ClientId, "credential", "managedidentity", "clientId", ClientId)]
    [InlineData("msi_res_id", ResourceId, "credential", "managedidentity", "managedIdentityResourceId", ResourceId)]
    public async Task Request_for_a_token_names_the_managed_identity(string parameter, string value, params string[] settings)
    {
        using var requests = new RecordingTransport();
        var credential = Read(settings).CreateCredential(requests);

        await Assert.ThrowsAnyAsync<AuthenticationFailedException>(
            async () => await credential.GetTokenAsync(new TokenRequestContext(["https://users.documents.azure.com/.default"]), Cancel.Token));

        Assert.Contains(requests.Addresses, address => Uri.UnescapeDataString(address.Query).Contains($"{parameter}={value}", StringComparison.OrdinalIgnoreCase));
    }

    private static AccountIdentity Read(params string[] settings) => AccountIdentity.Read(
        new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Chunk(2).Select(pair => KeyValuePair.Create($"CosmosConnection:{pair[0]}", (string?)pair[1])))
            .Build()
            .GetSection("CosmosConnection"));

    /// <summary>A transport that records the addresses of requests, and fails each of them.</summary>
    private sealed class RecordingTransport : HttpPipelineTransport, IDisposable
    {
        private readonly HttpClientTransport _requests = new();

        public ConcurrentQueue<Uri> Addresses { get; } = new();

        public override Request CreateRequest() => _requests.CreateRequest();

        public override void Process(HttpMessage message) => throw Fail(message);

        public override ValueTask ProcessAsync(HttpMessage message) => throw Fail(message);

        public void Dispose() => _requests.Dispose();

        private InvalidOperationException Fail(HttpMessage message)
        {
            Addresses.Enqueue(message.Request.Uri.ToUri());
            return new InvalidOperationException("There is no identity endpoint in this test.");
        }
    }
}
