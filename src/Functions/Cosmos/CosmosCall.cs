using System.Globalization;
using System.Net;
using Lookup.Domain.Stores;
using Microsoft.Azure.Cosmos;

namespace Lookup.Functions.Cosmos;

/// <summary>Makes one call of the client: bounded by its token, and failing in the domain's words only.</summary>
internal static class CosmosCall
{
    public const int SessionNotAvailable = 1002;

    /// <summary>Calls the client and gives its answer, whatever the status.</summary>
    /// <exception cref="UserStoreException">There was no answer.</exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    public static async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
        where T : class
    {
        Task<T>? task = null;
        try
        {
            // The client does not heed the token while it first gets to know the account: so the wait ends here, not there.
            task = call(cancellationToken);
            return await task.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            if (task is not null)
                _ = DropAsync(task);
            throw new OperationCanceledException(cancellationToken);
        }
        catch (CosmosException e)
        {
            throw Explain(e.StatusCode, e.SubStatusCode, e.RetryAfter, e);
        }
        catch (Azure.Identity.AuthenticationFailedException e)
        {
            throw new UserStoreException(UserStoreFailure.Refused, "The managed identity could not sign in to Cosmos DB.", e);
        }
        catch (Exception e) when (e is not UserStoreException)
        {
            throw new UserStoreException(UserStoreFailure.Unavailable, "Cosmos DB cannot be reached.", e);
        }
    }

    public static int SubStatusOf(ResponseMessage response) =>
        int.TryParse(response.Headers["x-ms-substatus"], NumberStyles.None, CultureInfo.InvariantCulture, out var subStatus) ? subStatus : 0;

    public static long NumberIn(ResponseMessage response, string header) =>
        long.TryParse(response.Headers[header], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    /// <summary>Says in the domain's words why an answer is none.</summary>
    public static UserStoreException Explain(ResponseMessage response)
    {
        TimeSpan? retryAfter = NumberIn(response, "x-ms-retry-after-ms") is var wait and > 0 ? TimeSpan.FromMilliseconds(wait) : null;
        return Explain(response.StatusCode, SubStatusOf(response), retryAfter, null);
    }

    private static UserStoreException Explain(HttpStatusCode status, int subStatus, TimeSpan? retryAfter, Exception? inner)
    {
        var code = string.Create(CultureInfo.InvariantCulture, $"{(int)status}/{subStatus}");
        var (failure, text) = (int)status switch
        {
            429 => (UserStoreFailure.Throttled, $"Cosmos DB asked for fewer requests ({code})."),
            401 or 403 => (UserStoreFailure.Refused, $"Cosmos DB refused the key or the identity ({code})."),
            404 when subStatus == SessionNotAvailable =>
                (UserStoreFailure.Behind, $"No replica knows the session yet ({code})."),
            404 when subStatus is 0 or 1003 =>
                (UserStoreFailure.Refused, $"Cosmos DB has no such database or container ({code}): see Lookup__Database and Lookup__Container."),
            400 =>
                (UserStoreFailure.Refused, $"Cosmos DB rejected the request ({code}): is Lookup__PartitionKeyPath how the container is partitioned?"),
            _ => (UserStoreFailure.Unavailable, $"Cosmos DB answered with an error ({code})."),
        };
        return new UserStoreException(failure, text, inner) { RetryAfter = retryAfter };
    }

    /// <summary>An answer that comes too late is let go, and so is a failure.</summary>
    private static async Task DropAsync<T>(Task<T> task)
    {
        try
        {
            (await task as IDisposable)?.Dispose();
        }
        catch (Exception)
        {
            // Nobody waits for it any more.
        }
    }
}
