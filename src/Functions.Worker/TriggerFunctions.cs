using System.Text.Json;
using Lookup.Functions.Eviction;
using Microsoft.Azure.Functions.Worker;

namespace Lookup.Functions.Worker;

/// <summary>The Cosmos DB trigger, which evicts the users in a batch of changes from this instance.</summary>
public static class TriggerFunctions
{
    /// <summary>Evicts the users in a batch of changes.</summary>
    /// <exception cref="InvalidOperationException">The batch was not completed, and the host must deliver it again.</exception>
    [Function(nameof(EvictStaleUsers))]
    [ExponentialBackoffRetry(-1, "00:00:01", "00:01:00")]
    public static void Evict(
        [CosmosDBTrigger(
            "%Lookup:Database%",
            "%Lookup:Container%",
            Connection = "CosmosConnection",
            LeaseContainerName = "leases",
            CreateLeaseContainerIfNotExists = true)]
        IReadOnlyList<JsonElement> changes,
        FunctionContext context)
    {
        var evictStaleUsers = context.InstanceServices.GetRequiredService<EvictStaleUsers>();
        var (isDone, log) = evictStaleUsers.Apply(JsonSerializer.SerializeToUtf8Bytes(changes), context.CancellationToken);
        if (!isDone)
            throw new InvalidOperationException(log);
    }
}
