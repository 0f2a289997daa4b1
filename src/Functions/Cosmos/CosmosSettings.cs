using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Lookup.Functions.Cosmos.Feed;
using Lookup.Functions.Settings;
using Microsoft.Azure.Cosmos;

namespace Lookup.Functions.Cosmos;

/// <summary>The settings of the connection to the store.</summary>
internal sealed record CosmosSettings
{
    public const string Connection = "CosmosConnection";

    /// <summary>Gets the endpoint of the account.</summary>
    public required Uri Endpoint { get; init; }

    /// <summary>Gets the account key, or <see langword="null"/> if the managed identity is used. The key is a secret.</summary>
    public string? Key { get; init; }

    /// <summary>Gets the client id of a user-assigned managed identity, or <see langword="null"/> for the default identity.</summary>
    public string? ClientId { get; init; }

    public required ConnectionMode Mode { get; init; }

    public required string Database { get; init; }

    public required string Container { get; init; }

    public required FeedMode FeedMode { get; init; }

    /// <summary>Gets the read deadline. The SDK must not wait longer than this for a store that throttles requests.</summary>
    /// <value>The default is 2 s.</value>
    public TimeSpan ReadDeadline { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Gets the maximum number of concurrent reads. The SDK needs connections for them and, in addition, for the feed.</summary>
    /// <value>The default is 64.</value>
    public int Concurrency { get; init; } = 64;

    /// <summary>
    /// Gets a value that indicates whether the endpoint is on this machine. Such an endpoint has one address and no regions.
    /// </summary>
    public bool IsLocal => Endpoint.IsLoopback;

    /// <exception cref="LookupSettingsException">A setting is missing or invalid.</exception>
    public static CosmosSettings Read(IConfiguration configuration, SettingsSection section)
    {
        var (endpoint, key) = ReadConnection(configuration);
        if (!section.Flag("AllowPlainHttp", fallback: false) && endpoint is { Scheme: "http", IsLoopback: false })
        {
            throw new LookupSettingsException(
                $"The account endpoint is '{endpoint}', which does not use TLS and is not on this machine, so users could be read and changed"
                + $" in transit. It must begin with https://, or {SettingsSection.NameOf("AllowPlainHttp")} must be true.");
        }

        // A plain HTTP endpoint is an emulator, and no emulator supports direct mode.
        var fallback = endpoint.Scheme == Uri.UriSchemeHttp ? ConnectionMode.Gateway : ConnectionMode.Direct;
        return new CosmosSettings
        {
            Endpoint = endpoint,
            Key = key,
            ClientId = configuration[$"{Connection}:clientId"] is { Length: > 0 } clientId ? clientId : null,
            Mode = section.Choice("ConnectionMode", fallback),
            Database = section.Text("Database", "lookup"),
            Container = section.Text("Container", "users"),
            FeedMode = section.Choice("FeedMode", FeedMode.LatestVersion),
        };
    }

    /// <summary>Returns the settings without the key, which the record's generated text would contain.</summary>
    public override string ToString() => $"{Endpoint} {Database}/{Container} ({Mode}, {FeedMode})";

    private static (Uri Endpoint, string? Key) ReadConnection(IConfiguration configuration)
    {
        if (configuration[Connection] is { Length: > 0 } text)
            return ReadConnectionString(text);

        var name = $"{Connection}__accountEndpoint";
        if (configuration[$"{Connection}:accountEndpoint"] is not { Length: > 0 } address)
        {
            throw new LookupSettingsException(
                $"Neither {Connection} nor {name} is set. Set the former to a connection string, or the latter to the account endpoint"
                + " to sign in with the managed identity.");
        }

        return (IsEndpoint(address, out var endpoint) ? endpoint : throw InvalidEndpoint(name, address), null);
    }

    private static (Uri Endpoint, string Key) ReadConnectionString(string text)
    {
        // No message quotes the text, because it contains the account key.
        const string Form = "AccountEndpoint=https://<account>.documents.azure.com:443/;AccountKey=<key>;";
        DbConnectionStringBuilder parts;
        try
        {
            parts = new DbConnectionStringBuilder { ConnectionString = text };
        }
        catch (ArgumentException)
        {
            throw new LookupSettingsException($"{Connection} is not a valid connection string; it must have the form {Form}");
        }

        if (!parts.TryGetValue("AccountEndpoint", out var address) || !parts.TryGetValue("AccountKey", out var key))
            throw new LookupSettingsException($"{Connection} lacks AccountEndpoint or AccountKey; it must have the form {Form}");

        if (!IsEndpoint(address.ToString(), out var endpoint))
            throw InvalidEndpoint($"AccountEndpoint in {Connection}", address.ToString()!);

        return Convert.TryFromBase64String(key.ToString()!, new byte[key.ToString()!.Length], out var length) && length > 0
            ? (endpoint, key.ToString()!)
            : throw new LookupSettingsException($"AccountKey in {Connection} is not a valid account key; it must be Base64.");
    }

    /// <summary>
    /// Determines whether a text is a valid account endpoint. The endpoint is logged, so a URI that can contain a password or a key is
    /// rejected.
    /// </summary>
    private static bool IsEndpoint(string? text, [NotNullWhen(true)] out Uri? endpoint) =>
        Uri.TryCreate(text, UriKind.Absolute, out endpoint)
        && endpoint is { Scheme: "http" or "https", UserInfo: "", AbsolutePath: "/", Query: "", Fragment: "" };

    private static LookupSettingsException InvalidEndpoint(string name, string value)
    {
        // The value might be an account key that was pasted into the wrong setting. If so, it is not included in the message.
        var quoted = value.AsSpan().ContainsAny('=', '@') ? "not a valid endpoint" : $"'{value}'";
        return new LookupSettingsException(
            $"{name} is {quoted}; it must be the endpoint of the account, such as https://<account>.documents.azure.com:443/.");
    }
}
