using Lookup.Domain.Stores;
using Microsoft.Azure.Cosmos;
using Newtonsoft.Json.Linq;

namespace Lookup.Functions.Cosmos.Containers;

/// <summary>
/// The regions of the account that accept writes. If there can be several, log sequence numbers have no common order, so results of other
/// instances cannot be compared with those of this one.
/// </summary>
internal static class WriteRegions
{
    /// <summary>Reads the account.</summary>
    /// <returns>The text of an error if several regions accept writes or may do so; otherwise, <see langword="null"/>.</returns>
    /// <exception cref="UserStoreException">The account cannot be read.</exception>
    /// <exception cref="OperationCanceledException">The call was canceled, or did not end in time.</exception>
    public static async Task<string?> FindSeveralAsync(CosmosConnection connection, CosmosSettings settings, TimeProvider time, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(settings.ReadDeadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var client = connection.Users.Database.Client;
        var account = await CosmosCall.RunAsync(_ => client.ReadAccountAsync(), either.Token);
        return Describe(account) is { } several
            ? $"The account at {settings.Account.Endpoint} {several}, whose log sequence numbers have no common order."
            : null;
    }

    /// <summary>Describes the write regions. The SDK has no public property for the setting of the account.</summary>
    private static string? Describe(AccountProperties account)
    {
        var regions = account.WritableRegions.Select(region => region.Name).ToList();
        if (regions.Count > 1)
            return $"has several write regions ({string.Join(", ", regions)})";
        return JObject.FromObject(account)["enableMultipleWriteLocations"]?.Value<bool>() == true ? "is enabled for writes in several regions" : null;
    }
}
