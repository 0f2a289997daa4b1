using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;

namespace Lookup.Benchmarks.Load;

/// <summary>
/// An open-loop load generator: it sends requests at a constant rate, regardless of the rate of the responses. If every connection is
/// busy, a request waits for one. Its latency is measured from its due time, so that delayed requests are not hidden. A request that
/// has waited for longer than <see cref="Patience"/> is abandoned.
/// </summary>
internal sealed class Generator : IDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(0.5);

    private static readonly double TicksPerMicrosecond = Stopwatch.Frequency / 1e6;

    private readonly Workload _workload;
    private readonly Connection[] _connections;
    private readonly ConcurrentStack<Connection> _free;
    private readonly ConcurrentQueue<ScheduledRequest> _waiting = new();
    private long _number;
    private long _underWay;

    public Generator(IPEndPoint service, Workload workload, int connections)
    {
        _workload = workload;
        _connections = [.. Enumerable.Range(0, connections).Select(_ => new Connection(service, Answered))];
        _free = new ConcurrentStack<Connection>(_connections);
    }

    /// <summary>Gets the idle share of the pacing thread in the last run. If it is near 0, the generator is the bottleneck.</summary>
    public double Idle { get; private set; }

    /// <summary>Sends requests at the specified rate for the specified time, and returns a tally for each second.</summary>
    public IReadOnlyList<Tally> Run(double rate, TimeSpan duration)
    {
        var tallies = new List<Tally>();
        var began = Stopwatch.GetTimestamp();
        var perRequest = Stopwatch.Frequency / rate;
        var requests = (long)(rate * duration.TotalSeconds);
        var idle = 0L;
        for (long sent = 0; sent < requests; sent++)
        {
            var due = began + (long)(sent * perRequest);
            idle += WaitUntil(due);
            var second = (int)(sent / rate);
            if (second == tallies.Count)
                tallies.Add(new Tally());
            Interlocked.Increment(ref _underWay);
            Start(new ScheduledRequest(_number++, due, tallies[second]));
        }

        Idle = (double)idle / (Stopwatch.GetTimestamp() - began);
        return tallies;
    }

    /// <summary>Waits until every request has completed or has been abandoned.</summary>
    public void Drain()
    {
        while (Interlocked.Read(ref _underWay) > 0)
            Thread.Sleep(1);
    }

    public void Dispose()
    {
        foreach (var connection in _connections)
            connection.Dispose();
    }

    private static long WaitUntil(long due)
    {
        var began = Stopwatch.GetTimestamp();
        for (var now = began; now < due; now = Stopwatch.GetTimestamp())
        {
            // Sleep is accurate only to a few hundred microseconds, so the remaining time is spent spinning.
            if (due - now > Stopwatch.Frequency / 500)
                Thread.Sleep(1);
            else
                Thread.SpinWait(20);
        }

        return Math.Max(0, due - began);
    }

    private void Start(in ScheduledRequest request)
    {
        // Requests that are already waiting go first.
        if (!_waiting.IsEmpty || !_free.TryPop(out var connection))
        {
            _waiting.Enqueue(request);
            Serve();
            return;
        }

        Send(connection, request);
    }

    /// <summary>
    /// Assigns waiting requests to free connections. It is called after each addition to either collection, so that the second of two
    /// concurrent additions finds the first.
    /// </summary>
    private void Serve()
    {
        while (!_waiting.IsEmpty && _free.TryPop(out var connection))
        {
            if (!TryNext(out var request))
            {
                _free.Push(connection);
                continue;
            }

            Send(connection, request);
        }
    }

    private bool TryNext(out ScheduledRequest request)
    {
        while (_waiting.TryDequeue(out request))
        {
            if (Stopwatch.GetTimestamp() - request.DueAt < Patience.TotalSeconds * Stopwatch.Frequency)
                return true;
            Finish(request, Outcome.GivenUp);
        }

        return false;
    }

    private void Send(Connection connection, in ScheduledRequest request)
    {
        connection.Request = request;
        connection.Send(_workload[request.Number].Bytes);
    }

    private void Answered(Connection connection, int status)
    {
        Finish(connection.Request, status switch
        {
            200 or 304 or 404 => Outcome.Answered,
            503 => Outcome.Shed,
            _ => Outcome.Failed,
        });
        _free.Push(connection);
        Serve();
    }

    private void Finish(in ScheduledRequest request, Outcome outcome)
    {
        var latency = (long)((Stopwatch.GetTimestamp() - request.DueAt) / TicksPerMicrosecond);
        request.Tally.Record(_workload[request.Number].Kind, outcome, latency);
        Interlocked.Decrement(ref _underWay);
    }
}

/// <summary>One scheduled request.</summary>
/// <param name="Number">The number of the request in the workload.</param>
/// <param name="DueAt">The time at which the request is due, from which its latency is measured.</param>
/// <param name="Tally">The tally that counts the request.</param>
internal readonly record struct ScheduledRequest(long Number, long DueAt, Tally Tally);
