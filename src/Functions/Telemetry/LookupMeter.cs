using System.Diagnostics.Metrics;

namespace Lookup.Functions.Telemetry;

/// <summary>The service's own meter, named <c>Lookup</c>. See readme.md beside this file for every instrument.</summary>
internal sealed class LookupMeter(IMeterFactory factory)
{
    private readonly Meter _meter = factory.Create(LookupTracing.SourceName);

    /// <summary>The meter, for those who add what they observe.</summary>
    public Meter Meter => _meter;

    public Histogram<double> CreateStaleness(IReadOnlyList<double> boundaries) => _meter.CreateHistogram(
        "lookup.staleness",
        "s",
        "Age of what requests were answered with: for how long it had not been confirmed.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = boundaries });

    public Histogram<double> CreateStoreDuration() => _meter.CreateHistogram(
        "lookup.store.duration",
        "s",
        "Duration of the calls of the store.",
        advice: new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
        });
}
