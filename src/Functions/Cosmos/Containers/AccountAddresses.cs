using Lookup.Domain.Stores;
using Lookup.Functions.Settings;
using Microsoft.Azure.Cosmos;
using Newtonsoft.Json.Linq;

namespace Lookup.Functions.Cosmos.Containers;

/// <summary>
/// The addresses to which requests are sent. The SDK reads the account at the configured endpoint, and sends all other requests to the
/// addresses that the account names. An emulator in a container names its own address there, such as 127.0.0.1.
/// </summary>
internal static class AccountAddresses
{
    private static readonly string[] Locations = ["writableLocations", "readableLocations"];

    /// <summary>Describes the addresses, for the message about a store that does not respond. Does not fail.</summary>
    public static async Task<string> DescribeAsync(CosmosClient client, CosmosSettings settings, TimeProvider time)
    {
        var endpoint = settings.Account.Endpoint;
        if (settings.LimitToEndpoint)
            return $"Requests are sent to {endpoint}.";

        using var deadline = new CancellationTokenSource(settings.ReadDeadline, time);
        try
        {
            var account = await CosmosCall.RunAsync(_ => client.ReadAccountAsync(), deadline.Token);
            var others = NamedBy(account).Where(address => address.Authority != endpoint.Authority || address.Scheme != endpoint.Scheme).ToList();
            return others.Count == 0
                ? $"Requests are sent to {endpoint}."
                : $"Requests are sent to {string.Join(" and ", others)}, because the account at {endpoint} responded and names this as its address."
                    + $" If this machine cannot reach it, set {SettingsSection.NameOf("LimitToEndpoint")} to true.";
        }
        catch (Exception e) when (e is UserStoreException or OperationCanceledException)
        {
            return $"The account at {endpoint} cannot be read either.";
        }
    }

    /// <summary>Gets the addresses in the account's properties. The SDK has no public property for them.</summary>
    private static IEnumerable<Uri> NamedBy(AccountProperties account)
    {
        var json = JObject.FromObject(account);
        return Locations
            .SelectMany(name => json[name] as JArray ?? [])
            .Select(location => Uri.TryCreate((string?)location["databaseAccountEndpoint"], UriKind.Absolute, out var address) ? address : null)
            .OfType<Uri>()
            .Distinct();
    }
}
