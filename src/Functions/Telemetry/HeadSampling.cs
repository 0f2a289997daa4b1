using System.Diagnostics;

namespace Lookup.Functions.Telemetry;

/// <summary>The sampling decision for each request, made before anything is allocated for its span.</summary>
/// <remarks>
/// The SDK creates a context and an <see cref="Activity"/> even for a trace that it drops, which adds about 10% to the cost of a hit. The
/// SDK is therefore invoked only for requests that are sampled, or for every request if a custom sampler is configured.
/// </remarks>
internal sealed class HeadSampling(TelemetrySettings settings)
{
    /// <summary>
    /// The sampling ratio for traces that start in this service, as one in this many. A span costs more than the cache hit that it
    /// describes. If the request has a <c>traceparent</c>, its sampled flag decides instead.
    /// </summary>
    public const int OneIn = 100;

    /// <summary>Starts the server span of a request.</summary>
    /// <returns>The span, or <see langword="null"/> if the trace is dropped.</returns>
    public Activity? Start(IHeaderDictionary headers)
    {
        var hasParent = RequestTrace.TryReadParent(headers, out var parent);
        var isKept = settings.HasSampler
            || (hasParent ? parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded) : Random.Shared.Next(OneIn) == 0);
        return isKept ? LookupTracing.StartRequest(parent) : null;
    }
}
