using System.Text.Json;
using Lookup.Functions.Eviction;
using Microsoft.Azure.Functions.Worker;

namespace Lookup.Functions.Worker;

/// <summary>The Cosmos DB trigger: makes this instance forget the users that a batch of changes names.</summary>
public static class TriggerFunctions
{
    /// <exception cref="InvalidOperationException">The batch was not finished: the host sends it once more.</exception>
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
