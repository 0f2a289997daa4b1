using System.Diagnostics;

namespace Lookup.Functions.Telemetry;

/// <summary>
/// The service's own spans: one for each request whose trace is kept, below it one for its lookup function, and below that one for each
/// call of the store. No span names a user.
/// </summary>
internal static class LookupTracing
{
    /// <summary>The name of the source, and of the meter.</summary>
    public const string SourceName = "Lookup";

    private static readonly ActivitySource Source = new(SourceName);
    private static readonly string[] FunctionNames = Enum.GetNames<LookupFunction>();

    /// <summary>The trace that the present request belongs to is kept. While nobody listens, tracing costs a hit this one question.</summary>
    public static bool IsSampled => Current is { IsAllDataRequested: true };

    /// <summary>Begins the span of a request, which gets its name when its route is known.</summary>
    /// <param name="parent">The caller's span; <see langword="default"/> where the trace begins here.</param>
    public static Activity? StartRequest(ActivityContext parent) => Source.StartActivity("request", ActivityKind.Server, parent);

    /// <summary>Begins the span of a function; <see langword="null"/> where the request is not sampled.</summary>
    public static Activity? Start(LookupFunction function) => IsSampled ? Source.StartActivity(FunctionNames[(int)function]) : null;

    /// <summary>Begins the span of a call of the store; <see langword="null"/> where the request is not sampled.</summary>
    public static Activity? StartStoreCall(string name) => IsSampled ? Source.StartActivity(name, ActivityKind.Client) : null;

    /// <summary>Says on the function's span how the request was answered.</summary>
    public static void Note(RequestOutcome outcome)
    {
        if (Current is { } span)
            span.SetTag("lookup.outcome", RequestOutcomes.Names[(int)outcome]);
    }

    /// <summary>The present span, where it is one of this service: what others trace in this process decides nothing here.</summary>
    private static Activity? Current =>
        Source.HasListeners() && Activity.Current is { } activity && ReferenceEquals(activity.Source, Source) ? activity : null;
}
