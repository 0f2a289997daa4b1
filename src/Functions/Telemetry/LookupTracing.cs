using System.Diagnostics;

namespace Lookup.Functions.Telemetry;

/// <summary>
/// The spans of the service: for each sampled request, a server span, which contains a span of its lookup function, which contains a
/// span of each call to the store. No span contains a user id.
/// </summary>
internal static class LookupTracing
{
    /// <summary>The name of the activity source and of the meter.</summary>
    public const string SourceName = "Lookup";

    private static readonly ActivitySource Source = new(SourceName);
    private static readonly string[] FunctionNames = Enum.GetNames<LookupFunction>();

    /// <summary>
    /// Gets a value that indicates whether the trace of the current request is sampled. Without a listener, this check is the only cost of
    /// tracing for a hit.
    /// </summary>
    public static bool IsSampled => Current is { IsAllDataRequested: true };

    /// <summary>Starts the span of a request. It gets its name when its route is known.</summary>
    /// <param name="parent">The client's span, or <see langword="default"/> if the trace starts here.</param>
    public static Activity? StartRequest(ActivityContext parent) => Source.StartActivity("request", ActivityKind.Server, parent);

    /// <summary>Starts the span of a function, or returns <see langword="null"/> if the request is not sampled.</summary>
    public static Activity? Start(LookupFunction function) => IsSampled ? Source.StartActivity(FunctionNames[(int)function]) : null;

    /// <summary>Starts the span of a call to the store, or returns <see langword="null"/> if the request is not sampled.</summary>
    public static Activity? StartStoreCall(string name) => IsSampled ? Source.StartActivity(name, ActivityKind.Client) : null;

    /// <summary>Sets the outcome of the request on the function's span.</summary>
    public static void SetOutcome(RequestOutcome outcome)
    {
        if (Current is { } span)
            span.SetTag("lookup.outcome", RequestOutcomes.Names[(int)outcome]);
    }

    /// <summary>Gets the current span if it belongs to this service. Spans of other sources in the process are ignored.</summary>
    private static Activity? Current =>
        Source.HasListeners() && Activity.Current is { } activity && ReferenceEquals(activity.Source, Source) ? activity : null;
}
