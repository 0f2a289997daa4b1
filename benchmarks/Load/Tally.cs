namespace Lookup.Benchmarks.Load;

/// <summary>The outcomes of the requests that were due in one interval. Latencies are measured from the due time.</summary>
internal sealed class Tally
{
    private static readonly int Kinds = Enum.GetValues<RequestKind>().Length;

    private readonly long[] _outcomes = new long[Enum.GetValues<Outcome>().Length];
    private readonly LatencyHistogram[] _answered = [.. Enumerable.Range(0, Kinds).Select(_ => new LatencyHistogram())];
    private long _inTime;

    /// <summary>Gets the latencies of all requests that received a response, of every kind.</summary>
    public LatencyHistogram Answered { get; } = new();

    public LatencyHistogram Shed { get; } = new();

    /// <summary>Gets the number of responses that arrived within a second of the due time.</summary>
    public long InTime => Interlocked.Read(ref _inTime);

    public long Total => _outcomes.Sum();

    public long this[Outcome outcome] => Interlocked.Read(ref _outcomes[(int)outcome]);

    public LatencyHistogram AnsweredOf(RequestKind kind) => _answered[(int)kind];

    public void Record(RequestKind kind, Outcome outcome, long microseconds)
    {
        Interlocked.Increment(ref _outcomes[(int)outcome]);
        if (outcome == Outcome.Answered)
        {
            Answered.Record(microseconds);
            _answered[(int)kind].Record(microseconds);
            if (microseconds <= 1_000_000)
                Interlocked.Increment(ref _inTime);
        }
        else if (outcome == Outcome.Shed)
        {
            Shed.Record(microseconds);
        }
    }
}

/// <summary>The outcome of one request.</summary>
internal enum Outcome
{
    /// <summary>200, 304 or 404.</summary>
    Answered,

    /// <summary>503: rejected because the service or its store was overloaded, or the store failed.</summary>
    Shed,

    /// <summary>No response, or an unexpected one.</summary>
    Failed,

    /// <summary>Not sent: every connection was busy until the request timed out.</summary>
    GivenUp,
}
