using System.Diagnostics.Metrics;

namespace Lookup.Functions.Telemetry;

/// <summary>The meter of the service, named <c>Lookup</c>. docs/operations.md lists its instruments.</summary>
internal sealed class LookupMeter(IMeterFactory factory)
{
    private readonly Meter _meter = factory.Create(LookupTracing.SourceName);

    /// <summary>Gets the meter, to which other components add observable instruments.</summary>
    public Meter Meter => _meter;

    public Histogram<double> CreateStaleness(IReadOnlyList<double> boundaries) => _meter.CreateHistogram(
        "lookup.staleness",
        "s",
        "Age of the results: the time since they were last confirmed.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = boundaries });

    public Histogram<double> CreateStoreDuration() => _meter.CreateHistogram(
        "lookup.store.duration",
        "s",
        "Duration of calls to the store.",
        advice: new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
        });
}
