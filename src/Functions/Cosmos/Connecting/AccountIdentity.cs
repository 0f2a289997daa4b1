using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using Lookup.Functions.Settings;

namespace Lookup.Functions.Cosmos.Connecting;

/// <summary>
/// The identity that signs in to the account. The settings and their meaning are those of identity-based connections of the Functions host,
/// so that the trigger and the service use the same identity.
/// </summary>
internal sealed record AccountIdentity
{
    private const string CredentialName = "credential";
    private const string ClientIdName = "clientId";
    private const string ResourceIdName = "managedIdentityResourceId";
    private const string TenantIdName = "tenantId";
    private const string ClientSecretName = "clientSecret";
    private const string ManagedIdentity = "managedidentity";
    private const string WorkloadIdentity = "workloadidentity";
    private const string IdentityType = "Microsoft.ManagedIdentity/userAssignedIdentities";

    /// <summary>Gets the names of the settings below the connection.</summary>
    public static IReadOnlyList<string> SettingNames { get; } = [CredentialName, ClientIdName, ResourceIdName, TenantIdName, ClientSecretName];

    /// <summary>Gets the names of the settings that the Functions host has, and this service does not support.</summary>
    public static IReadOnlyList<string> UnsupportedSettingNames { get; } =
    [
        "additionallyAllowedTenants", "azureCloud", "clientCertificate", "clientCertificateStoreLocation", "clientCertificateStoreName",
        "managedIdentityClientId", "managedIdentityObjectId", "serviceConnectionId", "systemAccessToken", "tokenFilePath",
    ];

    /// <summary>Gets the kind of credential.</summary>
    public required CredentialKind Kind { get; init; }

    /// <summary>Gets the client id of a user-assigned managed identity or of an application, or <see langword="null"/>.</summary>
    public string? ClientId { get; init; }

    /// <summary>Gets the resource id of a user-assigned managed identity, or <see langword="null"/>.</summary>
    public ResourceIdentifier? ResourceId { get; init; }

    /// <summary>Gets the tenant of the application, or <see langword="null"/> for the default.</summary>
    public string? TenantId { get; init; }

    /// <summary>Gets the secret of the application.</summary>
    public string? ClientSecret { get; init; }

    /// <summary>Reads the identity.</summary>
    /// <exception cref="LookupSettingsException">A setting is not valid, or settings conflict.</exception>
    public static AccountIdentity Read(IConfigurationSection section)
    {
        var (clientId, resourceId, tenantId, secret) = (Text(ClientIdName), Text(ResourceIdName), Text(TenantIdName), Text(ClientSecretName));

        // The values are not quoted: each of them may be a secret that was pasted into the wrong setting.
        if (clientId is not null && !Guid.TryParse(clientId, out _))
            throw Invalid(ClientIdName, "it must be the client id of the identity, such as 00000000-0000-0000-0000-000000000000");
        if (tenantId is not null && !tenantId.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-'))
            throw Invalid(TenantIdName, "it must be the id or the domain name of the tenant");

        ResourceIdentifier? resource = null;
        if (resourceId is not null && !(ResourceIdentifier.TryParse(resourceId, out resource) && resource!.ResourceType == IdentityType))
        {
            throw Invalid(
                ResourceIdName,
                $"it must be a resource id, such as /subscriptions/<subscription>/resourceGroups/<group>/providers/{IdentityType}/<name>");
        }

        if (clientId is not null && resource is not null)
            throw Conflict(ClientIdName, ResourceIdName, "an identity is given by one of them");

        var identity = new AccountIdentity
        {
            Kind = ReadKind(Text(CredentialName), secret),
            ClientId = clientId,
            ResourceId = resource,
            TenantId = tenantId,
            ClientSecret = secret,
        };
        identity.Validate();
        return identity;

        // The setting may be present and empty, as in a template.
        string? Text(string name) => section[name]?.Trim() is { Length: > 0 } text ? text : null;
    }

    /// <summary>Creates the credential.</summary>
    /// <param name="transport">The transport for its requests, or <see langword="null"/> for the default one.</param>
    public TokenCredential CreateCredential(HttpPipelineTransport? transport = null)
    {
        switch (Kind)
        {
            case CredentialKind.ManagedIdentity:
                return new ManagedIdentityCredential(On(new ManagedIdentityCredentialOptions(ManagedIdentityId)));
            case CredentialKind.WorkloadIdentity:
                return new WorkloadIdentityCredential(On(new WorkloadIdentityCredentialOptions { ClientId = ClientId, TenantId = TenantId }));
            case CredentialKind.ClientSecret:
                return new ClientSecretCredential(TenantId, ClientId, ClientSecret, On(new ClientSecretCredentialOptions()));
            default:
                var options = On(new DefaultAzureCredentialOptions { ManagedIdentityClientId = ClientId, ManagedIdentityResourceId = ResourceId });
                if (TenantId is not null)
                    options.TenantId = TenantId;
                return new DefaultAzureCredential(options);
        }

        T On<T>(T options)
            where T : TokenCredentialOptions
        {
            if (transport is not null)
                options.Transport = transport;
            return options;
        }
    }

    /// <summary>Returns the kind only: the generated text would contain the secret.</summary>
    public override string ToString() => Kind.ToString();

    private ManagedIdentityId ManagedIdentityId => this switch
    {
        { ClientId: { } clientId } => ManagedIdentityId.FromUserAssignedClientId(clientId),
        { ResourceId: { } resourceId } => ManagedIdentityId.FromUserAssignedResourceId(resourceId),
        _ => ManagedIdentityId.SystemAssigned,
    };

    private static CredentialKind ReadKind(string? credential, string? secret)
    {
        if (credential is null)
            return secret is null ? CredentialKind.Default : CredentialKind.ClientSecret;
        if (credential.Equals(ManagedIdentity, StringComparison.OrdinalIgnoreCase))
            return CredentialKind.ManagedIdentity;
        if (credential.Equals(WorkloadIdentity, StringComparison.OrdinalIgnoreCase))
            return CredentialKind.WorkloadIdentity;

        var quoted = credential.Length <= 40 && credential.All(char.IsAsciiLetter) ? $"'{credential}'" : "not valid";
        throw new LookupSettingsException(
            $"{AccountConnection.NameOf(CredentialName)} is {quoted}; it must be {ManagedIdentity} or {WorkloadIdentity}, or not set.");
    }

    private void Validate()
    {
        if (ClientSecret is null)
        {
            if (TenantId is not null && Kind == CredentialKind.ManagedIdentity)
                throw Conflict(TenantIdName, CredentialName, $"{ManagedIdentity} has no tenant");
        }
        else if (Kind != CredentialKind.ClientSecret)
        {
            throw Conflict(ClientSecretName, CredentialName, $"an application signs in with its secret if {AccountConnection.NameOf(CredentialName)} is not set");
        }
        else if (TenantId is null || ClientId is null)
        {
            throw new LookupSettingsException(
                $"{AccountConnection.NameOf(ClientSecretName)} is set; {AccountConnection.NameOf(TenantIdName)} and {AccountConnection.NameOf(ClientIdName)} must be set too.");
        }

        if (ResourceId is not null && Kind is CredentialKind.WorkloadIdentity or CredentialKind.ClientSecret)
            throw Conflict(ResourceIdName, CredentialName, "only a managed identity has a resource id");
    }

    private static LookupSettingsException Invalid(string name, string allowed) => new($"{AccountConnection.NameOf(name)} is not valid; {allowed}.");

    private static LookupSettingsException Conflict(string one, string other, string reason) =>
        new($"{AccountConnection.NameOf(one)} and {AccountConnection.NameOf(other)} are not compatible: {reason}.");
}

/// <summary>Specifies how an identity signs in.</summary>
internal enum CredentialKind
{
    /// <summary><see cref="DefaultAzureCredential"/>: in Azure the managed identity, elsewhere the developer's own identity.</summary>
    Default,

    /// <summary>A managed identity: user-assigned if a client id or a resource id is given, otherwise system-assigned.</summary>
    ManagedIdentity,

    /// <summary>The workload identity of a Kubernetes pod.</summary>
    WorkloadIdentity,

    /// <summary>An application with a secret.</summary>
    ClientSecret,
}
