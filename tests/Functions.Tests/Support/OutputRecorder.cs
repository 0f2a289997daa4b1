using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace Lookup.Functions.Tests.Support;

/// <summary>Records the complete output of a service: log entries of all levels with scopes and exceptions, metrics, and traces.</summary>
/// <remarks>Metrics and traces are process-wide, so those of other tests are recorded too.</remarks>
[ProviderAlias("OutputRecorder")]
internal sealed class OutputRecorder : ILoggerProvider, ISupportExternalScope
{
    private readonly ConcurrentQueue<string> _notes = new();
    private readonly MeterListener _meters = new();
    private readonly ActivityListener _activities;
    private IExternalScopeProvider _scopes = new LoggerExternalScopeProvider();

    public OutputRecorder()
    {
        _meters.InstrumentPublished = (instrument, listener) => listener.EnableMeasurementEvents(instrument);
        _meters.SetMeasurementEventCallback<int>((instrument, _, tags, _) => Note(instrument, tags));
        _meters.SetMeasurementEventCallback<long>((instrument, _, tags, _) => Note(instrument, tags));
        _meters.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Note(instrument, tags));
        _meters.Start();
        _activities = new ActivityListener
        {
            ShouldListenTo = _ => true,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = Note,
        };
        ActivitySource.AddActivityListener(_activities);
    }

    /// <summary>Gets the recorded output, including the current values of observable instruments.</summary>
    public IReadOnlyCollection<string> Notes
    {
        get
        {
            _meters.RecordObservableInstruments();
            return _notes;
        }
    }

    public ILogger CreateLogger(string categoryName) => new RecordingLogger(this, categoryName);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

    public void Dispose()
    {
        _meters.Dispose();
        _activities.Dispose();
    }

    private void Note(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        _notes.Enqueue($"metric {instrument.Name} {instrument.Description} {string.Join(' ', tags.ToArray())}");

    private void Note(Activity activity) =>
        _notes.Enqueue(
            $"trace {activity.DisplayName} {activity.StatusDescription} {string.Join(' ', activity.TagObjects)} {string.Join(' ', activity.Baggage)}"
            + string.Join(' ', activity.Events.Select(one => $"{one.Name} {string.Join(' ', one.Tags)}")));

    private sealed class RecordingLogger(OutputRecorder recorder, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => recorder._scopes.Push(state);

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var values = state is IEnumerable<KeyValuePair<string, object?>> pairs ? string.Join(' ', pairs) : "";
            recorder._notes.Enqueue($"log {logLevel} {category} {eventId}: {formatter(state, exception)} {values} {exception}");
            recorder._scopes.ForEachScope(
                static (scope, notes) => notes.Enqueue(
                    $"scope {(scope is IEnumerable<KeyValuePair<string, object>> named ? string.Join(' ', named) : scope)}"),
                recorder._notes);
        }
    }
}
