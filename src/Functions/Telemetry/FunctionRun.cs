using System.Diagnostics;

namespace Lookup.Functions.Telemetry;

/// <summary>A wrapper around the lookup functions that records their spans and failures.</summary>
internal sealed class FunctionRun(RequestCounters counters)
{
    public Task RunAsync(LookupFunction function, HttpContext context, RequestDelegate run)
    {
        if (LookupTracing.IsSampled)
            return TraceAsync(function, context, run);

        // A cache hit completes synchronously here, so no async state machine is allocated.
        var running = run(context);
        return running.IsCompletedSuccessfully ? running : WatchAsync(function, context, running);
    }

    private async Task TraceAsync(LookupFunction function, HttpContext context, RequestDelegate run)
    {
        using var span = LookupTracing.Start(function);
        try
        {
            await WatchAsync(function, context, run(context));
        }
        catch (Exception e) when (!IsCausedByClient(e, context) && RequestOutcomes.From(e) == RequestOutcome.Error)
        {
            // Only the type: the message may contain a user id.
            span?.SetStatus(ActivityStatusCode.Error);
            span?.SetTag("error.type", e.GetType().FullName);
            throw;
        }
    }

    private async Task WatchAsync(LookupFunction function, HttpContext context, Task running)
    {
        try
        {
            await running;
        }
        catch (Exception e) when (!IsCausedByClient(e, context))
        {
            counters.CountFailure(function, e);
            throw;
        }
    }

    private static bool IsCausedByClient(Exception exception, HttpContext context) =>
        exception is BadHttpRequestException || ClientDisconnect.HasOccurred(context) || ClientDisconnect.IsCauseOf(exception, context);
}
