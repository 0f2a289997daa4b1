using System.Diagnostics.Tracing;

namespace Lookup.Functions.Hosting.IsolatedWorker;

/// <summary>
/// A watch that notifies the <see cref="ParentWatch"/> when the stream on which the Functions host sends invocations has ended. The worker's
/// SDK ignores this, so the process would continue without receiving requests.
/// </summary>
/// <remarks>
/// The SDK does not expose its stream. The gRPC client that it uses publishes event counters, once per second, and the stream is its only
/// call. The watch is a hosted service so that it exists before the worker starts, because the client counts only while there is a listener.
/// </remarks>
internal sealed class HostStreamWatch(ParentWatch parent) : EventListener, IHostedService
{
    private const string Client = "Grpc.Net.Client";

    private bool _hasStarted;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == Client)
            EnableEvents(eventSource, EventLevel.LogAlways, EventKeywords.None, new Dictionary<string, string?> { ["EventCounterIntervalSec"] = "1" });
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.EventSource.Name != Client || eventData.Payload is not [IDictionary<string, object?> counter])
            return;

        switch (counter["Name"], counter["Mean"])
        {
            case ("total-calls", > 0d):
                _hasStarted = true;
                break;
            case ("current-calls", 0d) when _hasStarted:
                parent.Disconnected();
                break;
        }
    }
}
