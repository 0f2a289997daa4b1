using System.Globalization;
using System.Net;
using Lookup.Domain.Stores;
using Microsoft.Azure.Cosmos;

namespace Lookup.Functions.Cosmos;

/// <summary>
/// Methods that call the SDK and handle its responses. Cancellation ends the wait immediately with an
/// <see cref="OperationCanceledException"/>. Every other failure is a <see cref="UserStoreException"/>.
/// </summary>
internal static class CosmosCall
{
    public const int SessionNotAvailable = 1002;

    /// <summary>Calls the SDK and returns its response. The SDK's stream methods return a response of any status.</summary>
    /// <exception cref="UserStoreException">
    /// There was no response, the sign-in failed, or a method that returns no stream got an error status.
    /// </exception>
    /// <exception cref="OperationCanceledException">The call was canceled.</exception>
    public static async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
        where T : class
    {
        Task<T>? task = null;
        try
        {
            // The SDK does not honor the token while it initializes the account, so WaitAsync ends the wait. The call itself continues, and
            // DropAsync discards its result.
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
            throw Explain(e.StatusCode, e.SubStatusCode, FailureReason.Of(e), e.ActivityId, e.RetryAfter, e);
        }
        catch (Azure.Identity.AuthenticationFailedException e)
        {
            throw new UserStoreException(
                UserStoreFailure.Refused, $"The identity could not sign in to Cosmos DB. {FailureReason.Shorten(e.Message)}", e);
        }
        catch (Exception e) when (e is not UserStoreException)
        {
            throw new UserStoreException(UserStoreFailure.Unavailable, $"Cosmos DB cannot be reached. {CauseOf(e)}".TrimEnd(), e);
        }
    }

    public static int SubStatusOf(ResponseMessage response) =>
        int.TryParse(response.Headers["x-ms-substatus"], NumberStyles.None, CultureInfo.InvariantCulture, out var subStatus) ? subStatus : 0;

    public static long NumberIn(ResponseMessage response, string header) =>
        long.TryParse(response.Headers[header], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    /// <summary>Gets the time of a response by Cosmos DB's clock, or <see langword="null"/> if the response does not contain it.</summary>
    public static DateTimeOffset? DateOf(ResponseMessage response) =>
        DateTimeOffset.TryParseExact(
            response.Headers["date"] ?? response.Headers["x-ms-date"], "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date)
            ? date
            : null;

    /// <summary>Maps a failed Cosmos DB response to a <see cref="UserStoreException"/>.</summary>
    public static UserStoreException Explain(ResponseMessage response)
    {
        TimeSpan? retryAfter = NumberIn(response, "x-ms-retry-after-ms") is var wait and > 0 ? TimeSpan.FromMilliseconds(wait) : null;
        return Explain(
            response.StatusCode, SubStatusOf(response), FailureReason.Of(response), response.Headers.ActivityId, retryAfter, inner: null);
    }

    private static UserStoreException Explain(
        HttpStatusCode status, int subStatus, string reason, string? activityId, TimeSpan? retryAfter, Exception? inner)
    {
        var code = string.Create(CultureInfo.InvariantCulture, $"{(int)status}/{subStatus}");
        var (failure, text) = (int)status switch
        {
            429 => (UserStoreFailure.Throttled, $"Cosmos DB throttled the request ({code})."),
            401 or 403 when IsAboutDate(reason) => (
                UserStoreFailure.Refused,
                $"Cosmos DB rejected the date of the request ({code}): the clock of this machine differs from the clock of Cosmos DB."
                + " Synchronize the clock of this machine."),
            401 or 403 => (UserStoreFailure.Refused, $"Cosmos DB rejected the key or the identity ({code})."),
            404 when subStatus == SessionNotAvailable =>
                (UserStoreFailure.Behind, $"No replica has caught up with the session yet ({code})."),
            404 when subStatus is 0 or 1003 => (
                UserStoreFailure.Refused,
                $"The database or the container does not exist ({code}). Check Lookup__Database and Lookup__Container."),
            400 => (UserStoreFailure.Refused, $"Cosmos DB rejected the request ({code})."),
            _ => (UserStoreFailure.Unavailable, $"Cosmos DB returned an error ({code})."),
        };
        if (reason.Length > 0)
            text += $" Reason: {reason.TrimEnd('.')}.";
        if (!string.IsNullOrEmpty(activityId))
            text += $" Activity id: {activityId}.";
        return new UserStoreException(failure, text, inner) { RetryAfter = retryAfter };
    }

    /// <summary>Determines whether a request was rejected because of its date, which the SDK takes from the clock of this machine.</summary>
    private static bool IsAboutDate(string reason) =>
        reason.Contains("not valid at the current time", StringComparison.OrdinalIgnoreCase)
        || reason.Contains("x-ms-date", StringComparison.OrdinalIgnoreCase)
        || reason.Contains("date header", StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// Returns the message of the HTTP failure, which contains the address, and that of its innermost exception, such as an untrusted
    /// certificate; or an empty text if there was no HTTP failure.
    /// </summary>
    private static string CauseOf(Exception exception)
    {
        var innermost = exception.GetBaseException();
        for (var e = exception; e is not null; e = e.InnerException)
        {
            if (e is HttpRequestException)
            {
                var message = e.Message.Replace(", see inner exception", "", StringComparison.Ordinal).TrimEnd('.');
                return FailureReason.Shorten(
                    message.Contains(innermost.Message.TrimEnd('.'), StringComparison.Ordinal) ? $"{message}." : $"{message}: {innermost.Message.TrimEnd('.')}.");
            }
        }

        return "";
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
