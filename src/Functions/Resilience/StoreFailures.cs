using System.Text.Json;
using Lookup.Domain.Stores;

namespace Lookup.Functions.Resilience;

/// <summary>The classification of store failures: transient, and counted toward opening the circuit.</summary>
internal static class StoreFailures
{
    /// <summary>
    /// Determines whether a failure is retried: no response, a transient error of the store (408, 410, 449, 500, 503), or no replica yet
    /// that knows the session. Throttling is not retried, because the Cosmos DB client has already waited for as long as the store specified.
    /// </summary>
    public static bool IsTransient(Exception? exception) =>
        exception is UserStoreException { Failure: UserStoreFailure.Behind } || CountsTowardCircuit(exception);

    /// <summary>
    /// Determines whether a failure counts toward opening the circuit. A response from the store, including 404 or 429, or an unreadable
    /// item does not count; neither does a rejection by the circuit itself. For canceled reads, see <see cref="Circuit"/>.
    /// </summary>
    public static bool CountsTowardCircuit(Exception? exception) =>
        exception is UserStoreException { Failure: UserStoreFailure.Unavailable, IsRefusal: false, InnerException: not JsonException };
}
