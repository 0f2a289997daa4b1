namespace Lookup.Benchmarks.Load;

/// <summary>What came of the requests that were due in one stretch of time. Latencies are counted from when a request was due.</summary>
internal sealed class Tally
{
    private static readonly int Kinds = Enum.GetValues<RequestKind>().Length;

    private readonly long[] _outcomes = new long[Enum.GetValues<Outcome>().Length];
    private readonly LatencyHistogram[] _answered = [.. Enumerable.Range(0, Kinds).Select(_ => new LatencyHistogram())];
    private long _inTime;

    /// <summary>All that were answered, of every kind.</summary>
    public LatencyHistogram Answered { get; } = new();

    public LatencyHistogram Shed { get; } = new();

    /// <summary>Those answered within a second of being due: what a caller calls an answer.</summary>
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

/// <summary>What became of one request.</summary>
internal enum Outcome
{
    /// <summary>200, 304 or 404, as asked.</summary>
    Answered,

    /// <summary>503: refused because the service or its store had too much to do, or the store failed.</summary>
    Shed,

    /// <summary>No answer, or one that should not be.</summary>
    Failed,

    /// <summary>Never sent: every connection was busy until the caller would have given up.</summary>
    GivenUp,
}
