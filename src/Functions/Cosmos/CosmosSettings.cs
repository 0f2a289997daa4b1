using Lookup.Functions.Cosmos.Connecting;
using Lookup.Functions.Cosmos.Documents;
using Lookup.Functions.Cosmos.Feed;
using Lookup.Functions.Settings;
using Microsoft.Azure.Cosmos;

namespace Lookup.Functions.Cosmos;

/// <summary>The settings of the connection to the store.</summary>
internal sealed record CosmosSettings
{
    /// <summary>Gets the account and the way to sign in.</summary>
    public required AccountConnection Account { get; init; }

    public required ConnectionMode Mode { get; init; }

    /// <summary>
    /// Gets a value that indicates whether all requests are sent to the endpoint of <see cref="Account"/>, even if the account names other
    /// addresses, such as those of its regions.
    /// </summary>
    /// <value>The default is <see langword="true"/> for an emulator; otherwise, <see langword="false"/>.</value>
    public required bool LimitToEndpoint { get; init; }

    public required string Database { get; init; }

    public required string Container { get; init; }

    public required FeedMode FeedMode { get; init; }

    /// <summary>Gets the partition key path that the container must have, or <see langword="null"/> if it is not compared.</summary>
    public JsonPath? PartitionKey { get; init; }

    /// <summary>Gets the read deadline. The SDK must not wait longer than this for a store that throttles requests.</summary>
    /// <value>The default is 2 s.</value>
    public TimeSpan ReadDeadline { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Gets the maximum number of concurrent reads. The SDK needs connections for them and, in addition, for the feed.</summary>
    /// <value>The default is 64.</value>
    public int Concurrency { get; init; } = 64;

    /// <exception cref="LookupSettingsException">A setting is missing or invalid.</exception>
    public static CosmosSettings Read(IConfiguration configuration, SettingsSection section)
    {
        var account = AccountConnection.Read(configuration);
        if (!section.Flag("AllowPlainHttp", fallback: false) && account.Endpoint is { Scheme: "http", IsLoopback: false })
        {
            throw new LookupSettingsException(
                $"The account endpoint is '{account.Endpoint}', which does not use TLS and is not on this machine, so users could be read and changed"
                + $" in transit. It must begin with https://, or {SettingsSection.NameOf("AllowPlainHttp")} must be true.");
        }

        // No emulator supports direct mode over plain HTTP, and only the one for Windows over HTTPS.
        var isPlain = account.Endpoint.Scheme == Uri.UriSchemeHttp;
        return new CosmosSettings
        {
            Account = account,
            Mode = section.Choice("ConnectionMode", isPlain || account.AcceptsAnyCertificate ? ConnectionMode.Gateway : ConnectionMode.Direct),
            LimitToEndpoint = section.Flag("LimitToEndpoint", fallback: account.IsEmulator),
            Database = section.Text("Database", "lookup"),
            Container = section.Text("Container", "users"),
            FeedMode = section.Choice("FeedMode", FeedMode.LatestVersion),
        };
    }

    /// <summary>Returns the settings without the key, which the record's generated text would contain.</summary>
    public override string ToString() => $"{Account} {Database}/{Container} ({Mode}, {FeedMode})";
}
