using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;

namespace Lookup.Benchmarks.Load;

/// <summary>
/// Sends requests at a constant rate, whether or not the answers keep up (an open loop). A request that finds every connection busy
/// waits for one, and its latency is counted from when it was due, so that a slow service cannot hide behind requests that were
/// never sent; one that has waited for longer than <see cref="Patience"/> is given up.
/// </summary>
internal sealed class Generator : IDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(0.5);

    private static readonly double TicksPerMicrosecond = Stopwatch.Frequency / 1e6;

    private readonly Workload _workload;
    private readonly Connection[] _connections;
    private readonly ConcurrentStack<Connection> _free;
    private readonly ConcurrentQueue<Ticket> _waiting = new();
    private long _number;
    private long _underWay;

    public Generator(IPEndPoint service, Workload workload, int connections)
    {
        _workload = workload;
        _connections = [.. Enumerable.Range(0, connections).Select(_ => new Connection(service, Answered))];
        _free = new ConcurrentStack<Connection>(_connections);
    }

    /// <summary>How much of the time the pacing thread had nothing to do, in the last run: near 0, it is the generator that is too slow.</summary>
    public double Idle { get; private set; }

    /// <summary>Sends at the given rate for the given time, and hands each second's tally out as the second ends.</summary>
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
            Start(new Ticket(_number++, due, tallies[second]));
        }

        Idle = (double)idle / (Stopwatch.GetTimestamp() - began);
        return tallies;
    }

    /// <summary>Waits until everything that was sent has been answered or given up.</summary>
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
            // Sleeping is exact to a few hundred microseconds at best: the last of them are spun.
            if (due - now > Stopwatch.Frequency / 500)
                Thread.Sleep(1);
            else
                Thread.SpinWait(20);
        }

        return Math.Max(0, due - began);
    }

    private void Start(in Ticket ticket)
    {
        // Whoever waits already goes first.
        if (!_waiting.IsEmpty || !_free.TryPop(out var connection))
        {
            _waiting.Enqueue(ticket);
            Serve();
            return;
        }

        Send(connection, ticket);
    }

    /// <summary>
    /// Brings waiting requests and free connections together. Called after each of the two has been added to, so whichever comes
    /// second finds the first.
    /// </summary>
    private void Serve()
    {
        while (!_waiting.IsEmpty && _free.TryPop(out var connection))
        {
            if (!TryNext(out var ticket))
            {
                _free.Push(connection);
                continue;
            }

            Send(connection, ticket);
        }
    }

    private bool TryNext(out Ticket ticket)
    {
        while (_waiting.TryDequeue(out ticket))
        {
            if (Stopwatch.GetTimestamp() - ticket.DueAt < Patience.TotalSeconds * Stopwatch.Frequency)
                return true;
            Finish(ticket, Outcome.GivenUp);
        }

        return false;
    }

    private void Send(Connection connection, in Ticket ticket)
    {
        connection.Ticket = ticket;
        connection.Send(_workload[ticket.Number].Bytes);
    }

    private void Answered(Connection connection, int status)
    {
        Finish(connection.Ticket, status switch
        {
            200 or 304 or 404 => Outcome.Answered,
            503 => Outcome.Shed,
            _ => Outcome.Failed,
        });
        _free.Push(connection);
        Serve();
    }

    private void Finish(in Ticket ticket, Outcome outcome)
    {
        var latency = (long)((Stopwatch.GetTimestamp() - ticket.DueAt) / TicksPerMicrosecond);
        ticket.Tally.Record(_workload[ticket.Number].Kind, outcome, latency);
        Interlocked.Decrement(ref _underWay);
    }
}

/// <summary>One request of the schedule.</summary>
/// <param name="Number">Which of the workload's.</param>
/// <param name="DueAt">When it was to be sent, whether or not it could be; latencies are counted from here.</param>
/// <param name="Tally">Where it counts.</param>
internal readonly record struct Ticket(long Number, long DueAt, Tally Tally);
