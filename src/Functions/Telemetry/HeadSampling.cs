using System.Diagnostics;

namespace Lookup.Functions.Telemetry;

/// <summary>Decides for each request, before anything is made for it, whether it gets a span.</summary>
/// <remarks>
/// Where the SDK is asked, it makes a context and an <see cref="Activity"/> even for a trace that it drops, which costs a hit about a
/// tenth. So it is asked only where the answer will be yes; or always, where the owner has set a sampler of another kind.
/// </remarks>
internal sealed class HeadSampling(TelemetrySettings settings)
{
    /// <summary>
    /// Of the traces that begin here, one in so many is kept: a span costs more than the hit that it is about. Where the caller's
    /// <c>traceparent</c> says whether its trace is kept, that holds.
    /// </summary>
    public const int OneIn = 100;

    /// <summary>Begins the server's span of a request; <see langword="null"/> where its trace is dropped.</summary>
    public Activity? Start(IHeaderDictionary headers)
    {
        var hasParent = RequestTrace.TryReadParent(headers, out var parent);
        var isKept = settings.HasSampler
            || (hasParent ? parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded) : Random.Shared.Next(OneIn) == 0);
        return isKept ? LookupTracing.StartRequest(parent) : null;
    }
}
