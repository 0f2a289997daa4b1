using System.Text;
using Lookup.Functions.Eviction;
using Microsoft.Azure.Functions.Worker;

namespace Lookup.Functions.Hosting.IsolatedWorker;

/// <summary>The function that the Cosmos DB trigger calls.</summary>
public static partial class TriggerFunctions
{
    /// <summary>Evicts the users of a batch of changes on the instance that receives it.</summary>
    /// <exception cref="InvalidOperationException">The batch was not applied completely. The host delivers it again.</exception>
    [Function(nameof(EvictStaleUsers))]
    [ExponentialBackoffRetry(-1, "00:00:01", "00:01:00")]
    public static void Evict(
        [CosmosDBTrigger(
            "%Lookup:Database%",
            "%Lookup:Container%",
            Connection = "CosmosConnection",
            LeaseContainerName = "leases",
            CreateLeaseContainerIfNotExists = true)]
        string changes,
        FunctionContext context)
    {
        var evictStaleUsers = context.InstanceServices.GetRequiredService<EvictStaleUsers>();
        var (isDone, log) = evictStaleUsers.Apply(Encoding.UTF8.GetBytes(changes), context.CancellationToken);
        if (!isDone)
            throw new InvalidOperationException(log);
        LogDone(context.GetLogger(nameof(EvictStaleUsers)), log);
    }

    /// <summary>Logs what was done. The host shows it with the invocation, as it shows the log of a custom handler's response.</summary>
    [LoggerMessage(1304, LogLevel.Information, "{Log}")]
    private static partial void LogDone(ILogger logger, string log);
}
