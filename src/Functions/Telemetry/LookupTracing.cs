using System.Diagnostics;

namespace Lookup.Functions.Telemetry;

/// <summary>The service's own spans: one for each lookup function, and below it one for each call of the store. No span names a user.</summary>
internal static class LookupTracing
{
    /// <summary>The name of the source, and of the meter.</summary>
    public const string SourceName = "Lookup";

    private static readonly ActivitySource Source = new(SourceName);
    private static readonly string[] FunctionNames = Enum.GetNames<LookupFunction>();

    /// <summary>Somebody listens. While nobody does, tracing costs a hit this one question.</summary>
    public static bool IsOn => Source.HasListeners();

    /// <summary>Somebody listens, and the trace that the present request belongs to is kept.</summary>
    public static bool IsSampled => Source.HasListeners() && Activity.Current is null or { IsAllDataRequested: true };

    /// <summary>Begins the span of a function; <see langword="null"/> where the request is not sampled.</summary>
    public static Activity? Start(LookupFunction function) => IsOn ? Source.StartActivity(FunctionNames[(int)function]) : null;

    /// <summary>Begins the span of a call of the store; <see langword="null"/> where the request is not sampled.</summary>
    public static Activity? StartStoreCall(string name) => Source.StartActivity(name, ActivityKind.Client);

    /// <summary>Says on the function's span how the request was answered.</summary>
    public static void Note(RequestOutcome outcome)
    {
        if (Activity.Current is { } activity && ReferenceEquals(activity.Source, Source))
            activity.SetTag("lookup.outcome", RequestOutcomes.Names[(int)outcome]);
    }
}
