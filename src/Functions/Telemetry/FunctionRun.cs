using System.Diagnostics;

namespace Lookup.Functions.Telemetry;

/// <summary>Runs a lookup function, and notes what a function that answers cannot note itself: its span and its failure.</summary>
internal sealed class FunctionRun(RequestCounters counters)
{
    public Task RunAsync(LookupFunction function, HttpContext context, RequestDelegate run)
    {
        if (LookupTracing.IsSampled)
            return TraceAsync(function, context, run);

        // A hit has ended here, and pays for no state machine.
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
        catch (Exception e)
        {
            // The type alone: a message may name a user.
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
        catch (Exception e) when (!IsTheCallersDoing(e, context))
        {
            counters.CountError(function);
            throw;
        }
    }

    private static bool IsTheCallersDoing(Exception exception, HttpContext context) =>
        exception is BadHttpRequestException || context.RequestAborted.IsCancellationRequested;
}
