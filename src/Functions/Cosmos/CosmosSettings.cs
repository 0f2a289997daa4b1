using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Lookup.Functions.Cosmos.Feed;
using Lookup.Functions.Settings;
using Microsoft.Azure.Cosmos;

namespace Lookup.Functions.Cosmos;

/// <summary>Where the store is, and how to reach it.</summary>
internal sealed record CosmosSettings
{
    public const string Connection = "CosmosConnection";

    /// <summary>The account's address.</summary>
    public required Uri Endpoint { get; init; }

    /// <summary>The account's key; <see langword="null"/> where the managed identity is used. A secret.</summary>
    public string? Key { get; init; }

    /// <summary>The client id of a user-assigned managed identity; <see langword="null"/> for the default identity.</summary>
    public string? ClientId { get; init; }

    public required ConnectionMode Mode { get; init; }

    public required string Database { get; init; }

    public required string Container { get; init; }

    public required FeedMode FeedMode { get; init; }

    /// <summary>How long a read may take: the client must not wait longer for a throttling store than that.</summary>
    public TimeSpan ReadDeadline { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How many reads may be with the store at once: the client must have connections for them, and for the feed besides.</summary>
    public int Concurrency { get; init; } = 64;

    /// <summary>An endpoint on this machine: it has one address and no regions.</summary>
    public bool IsLocal => Endpoint.IsLoopback;

    /// <exception cref="LookupSettingsException">A setting is missing or wrong.</exception>
    public static CosmosSettings Read(IConfiguration configuration, SettingsSection section)
    {
        var (endpoint, key) = ReadConnection(configuration);
        if (!section.Flag("AllowPlainHttp", fallback: false) && endpoint is { Scheme: "http", IsLoopback: false })
        {
            throw new LookupSettingsException(
                $"The address of the account is '{endpoint}', without TLS and not on this machine, so that users could be read and changed on the way."
                + $" It must begin with https://, or {SettingsSection.NameOf("AllowPlainHttp")} must be true.");
        }

        // A plain http endpoint is an emulator's, and no emulator speaks the direct protocol.
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

    /// <summary>The settings without the key: a record's own text would hold it.</summary>
    public override string ToString() => $"{Endpoint} {Database}/{Container} ({Mode}, {FeedMode})";

    private static (Uri Endpoint, string? Key) ReadConnection(IConfiguration configuration)
    {
        if (configuration[Connection] is { Length: > 0 } text)
            return ReadConnectionString(text);

        var name = $"{Connection}__accountEndpoint";
        if (configuration[$"{Connection}:accountEndpoint"] is not { Length: > 0 } address)
        {
            throw new LookupSettingsException(
                $"Neither {Connection} nor {name} is set; give a connection string in the former, or the account's address in the latter"
                + " to sign in with the managed identity.");
        }

        return (IsAddress(address, out var endpoint) ? endpoint : throw WrongAddress(name, address), null);
    }

    private static (Uri Endpoint, string Key) ReadConnectionString(string text)
    {
        // Its text is not quoted in any message: it holds the account's key.
        const string Form = "AccountEndpoint=https://<account>.documents.azure.com:443/;AccountKey=<key>;";
        DbConnectionStringBuilder parts;
        try
        {
            parts = new DbConnectionStringBuilder { ConnectionString = text };
        }
        catch (ArgumentException)
        {
            throw new LookupSettingsException($"{Connection} is no connection string; it must look like {Form}");
        }

        if (!parts.TryGetValue("AccountEndpoint", out var address) || !parts.TryGetValue("AccountKey", out var key))
            throw new LookupSettingsException($"{Connection} lacks AccountEndpoint or AccountKey; it must look like {Form}");

        if (!IsAddress(address.ToString(), out var endpoint))
            throw WrongAddress($"AccountEndpoint in {Connection}", address.ToString()!);

        return Convert.TryFromBase64String(key.ToString()!, new byte[key.ToString()!.Length], out var length) && length > 0
            ? (endpoint, key.ToString()!)
            : throw new LookupSettingsException($"AccountKey in {Connection} is no key of an account; it must be Base64.");
    }

    /// <summary>An address goes into the log, so one that has room for a password or a key is none.</summary>
    private static bool IsAddress(string? text, [NotNullWhen(true)] out Uri? endpoint) =>
        Uri.TryCreate(text, UriKind.Absolute, out endpoint)
        && endpoint is { Scheme: "http" or "https", UserInfo: "", AbsolutePath: "/", Query: "", Fragment: "" };

    private static LookupSettingsException WrongAddress(string name, string value)
    {
        // Whoever mistakes one setting for another has put the account's key here: then its text is not quoted.
        var quoted = value.AsSpan().ContainsAny('=', '@') ? "something else" : $"'{value}'";
        return new LookupSettingsException(
            $"{name} is {quoted}; it must be the account's address, such as https://<account>.documents.azure.com:443/.");
    }
}
