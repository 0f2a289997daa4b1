using System.Text.Json;
using Lookup.Domain.Stores;

namespace Lookup.Functions.Resilience;

/// <summary>Tells failures of the store apart: which may pass if tried again, and which say that the store is ill.</summary>
internal static class StoreFailures
{
    /// <summary>
    /// Worth another attempt: no answer, an error of the store's own (408, 410, 449, 500, 503), or no replica yet that knows the
    /// session. Throttling is not: the client has waited for that already, as long as the store asked it to.
    /// </summary>
    public static bool MayPass(Exception? exception) =>
        exception is UserStoreException { Failure: UserStoreFailure.Behind } || IsIllness(exception);

    /// <summary>
    /// Says that the store is ill. A store that answers is not, be it «no such user», «too many requests», «no such container» or an
    /// item that cannot be read; nor is one that was left before it could answer.
    /// </summary>
    public static bool IsIllness(Exception? exception) =>
        exception is ReadAbandonedException or UserStoreException { Failure: UserStoreFailure.Unavailable, InnerException: not JsonException };
}
