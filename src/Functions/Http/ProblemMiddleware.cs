using Lookup.Domain.Stores;
using Lookup.Functions.Telemetry;

namespace Lookup.Functions.Http;

/// <summary>
/// The middleware that converts exceptions, and error statuses without a body, to <c>application/problem+json</c> responses.
/// </summary>
internal sealed partial class ProblemMiddleware(RequestDelegate next, ILogger<ProblemMiddleware> logger)
{
    private static readonly TimeSpan OverloadedRetryAfter = TimeSpan.FromSeconds(1);

    public async Task InvokeAsync(HttpContext context)
    {
        // Set on every response, including those that a package writes, so that no browser infers another content type.
        context.Response.Headers.XContentTypeOptions = "nosniff";
        try
        {
            await next(context);
            if (context.Response is { HasStarted: false, ContentLength: null, ContentType: null })
                await ExplainAsync(context);
        }
        catch (Exception e) when (ClientDisconnect.IsCauseOf(e, context))
        {
            context.Abort(); // the client has disconnected, so there is no response
        }
        catch (UserStoreException e) when (!context.Response.HasStarted)
        {
            if (e.Failure is not (UserStoreFailure.Overloaded or UserStoreFailure.OverBudget) && !e.IsRefusal)
                LogStoreFailed(e.Failure, e.Message, e.InnerException?.GetType().Name ?? "none", RequestTrace.IdOf(context));
            await UnlessGoneAsync(context, StoreProblem.WriteAsync(context, e));
        }
        catch (OverloadedException) when (!context.Response.HasStarted)
        {
            // Header fields of the original response may have been set already.
            context.Response.Clear();
            var writing = ProblemWriter.WriteAsync(
                context,
                ProblemKind.Overloaded,
                $"Too many large responses are being prepared or written. Users of up to {BodyPortions.Size} bytes, one at a time, are unaffected.",
                OverloadedRetryAfter);
            await UnlessGoneAsync(context, writing);
        }
        catch (BadHttpRequestException e) when (!context.Response.HasStarted)
        {
            LogBodyNotRead(RequestTrace.IdOf(context), e.StatusCode, e.InnerException?.GetType().Name ?? "none");
            // If the length of the body is known, a failure that is neither size nor time means that the client has disconnected; the server
            // may not have reported that yet. Without the abort, the server would look for another request on the connection.
            if (ClientDisconnect.HasOccurred(context) || e is { StatusCode: StatusCodes.Status400BadRequest } && context.Request.ContentLength is not null)
            {
                context.Abort();
                return;
            }

            if (e.StatusCode != StatusCodes.Status413PayloadTooLarge)
                context.Response.Headers.Connection = "close"; // the end of the body is unknown
            await UnlessGoneAsync(context, ExplainAsync(context, e));
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            LogFailed(e, RequestTrace.IdOf(context));
            await UnlessGoneAsync(context, ProblemWriter.WriteAsync(context, ProblemKind.Internal));
        }
    }

    /// <summary>Awaits the writing of a problem. The client can disconnect meanwhile.</summary>
    private static async Task UnlessGoneAsync(HttpContext context, Task writing)
    {
        try
        {
            await writing;
        }
        catch (Exception e) when (ClientDisconnect.IsCauseOf(e, context))
        {
            context.Abort();
        }
    }

    private static Task ExplainAsync(HttpContext context) => context.Response.StatusCode switch
    {
        404 => ProblemWriter.WriteAsync(context, ProblemKind.NotFound),
        405 => ProblemWriter.WriteAsync(context, ProblemKind.MethodNotAllowed, $"Allowed methods: {context.Response.Headers.Allow}."),
        _ => Task.CompletedTask,
    };

    /// <summary>Writes the problem that the server found while the body was read.</summary>
    private static Task ExplainAsync(HttpContext context, BadHttpRequestException exception) => exception.StatusCode switch
    {
        413 => ProblemWriter.WriteAsync(context, ProblemKind.TooLarge, $"The body must not exceed {RequestLimits.MaxBodyBytes} bytes."),
        408 => ProblemWriter.WriteAsync(context, ProblemKind.BadRequest with { Status = 408 }, "The body arrived too slowly."),
        _ => ProblemWriter.WriteAsync(context, ProblemKind.BadRequest, "The body could not be read."),
    };

    // Without the exception's own text: while the store fails, there is one entry for each request, with the same exception. Reads that
    // were rejected without a call to the store have no entry: the guard logs when that begins and ends.
    [LoggerMessage(1201, LogLevel.Warning, "The store failed during a lookup ({Failure}): {Reason} Cause: {Cause}; request: {TraceId}.")]
    private partial void LogStoreFailed(UserStoreFailure failure, string reason, string cause, string traceId);

    [LoggerMessage(1202, LogLevel.Error, "Request {TraceId} failed.")]
    private partial void LogFailed(Exception exception, string traceId);

    [LoggerMessage(1203, LogLevel.Debug, "The body of request {TraceId} could not be read ({Status}). Cause: {Cause}.")]
    private partial void LogBodyNotRead(string traceId, int status, string cause);
}
