using System.Globalization;
using System.Net;
using Lookup.Domain.Stores;
using Microsoft.Azure.Cosmos;

namespace Lookup.Functions.Cosmos;

/// <summary>
/// Methods that call the SDK and handle its responses. A call ends when its token is canceled, and each failure is a
/// <see cref="UserStoreException"/>.
/// </summary>
internal static class CosmosCall
{
    public const int SessionNotAvailable = 1002;

    /// <summary>Calls the SDK and returns its response, regardless of the status.</summary>
    /// <exception cref="UserStoreException">There was no response.</exception>
    /// <exception cref="OperationCanceledException">The call was canceled.</exception>
    public static async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
        where T : class
    {
        Task<T>? task = null;
        try
        {
            // The SDK does not honor the token while it initializes the account, so the wait is ended here.
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

    /// <summary>Maps a failed Cosmos DB response to a <see cref="UserStoreException"/>.</summary>
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
            429 => (UserStoreFailure.Throttled, $"Cosmos DB throttled the request ({code})."),
            401 or 403 => (UserStoreFailure.Refused, $"Cosmos DB rejected the key or the identity ({code})."),
            404 when subStatus == SessionNotAvailable =>
                (UserStoreFailure.Behind, $"No replica has caught up with the session yet ({code})."),
            404 when subStatus is 0 or 1003 => (
                UserStoreFailure.Refused,
                $"The database or the container does not exist ({code}). Check Lookup__Database and Lookup__Container."),
            400 => (
                UserStoreFailure.Refused,
                $"Cosmos DB rejected the request ({code}). Lookup__PartitionKeyPath must be the partition key path of the container."),
            _ => (UserStoreFailure.Unavailable, $"Cosmos DB returned an error ({code})."),
        };
        return new UserStoreException(failure, text, inner) { RetryAfter = retryAfter };
    }

    /// <summary>Discards a response or a failure that arrives after the call was canceled.</summary>
    private static async Task DropAsync<T>(Task<T> task)
    {
        try
        {
            (await task as IDisposable)?.Dispose();
        }
        catch (Exception)
        {
            // The caller no longer waits for the response.
        }
    }
}
