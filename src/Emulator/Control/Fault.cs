using System.IO.Enumeration;
using Lookup.Emulator.Wire;

namespace Lookup.Emulator.Control;

/// <summary>One rule of the fault injector: which requests it meets, and what it does to them.</summary>
internal sealed class Fault(TimeProvider clock)
{
    private int _left = int.MaxValue;
    private int _hits;

    /// <summary>An HTTP method; null for any.</summary>
    public string? Method { get; init; }

    /// <summary>A path with <c>*</c> for any characters, such as <c>*/docs/u1</c>; null for any.</summary>
    public string? PathPattern { get; init; }

    /// <summary>Null for any operation.</summary>
    public OperationKind? Operation { get; init; }

    /// <summary>The id of a physical range; null for any.</summary>
    public string? Range { get; init; }

    /// <summary>The status to answer with; 0 to go on with the request.</summary>
    public int Status { get; init; }

    public int SubStatus { get; init; }

    public TimeSpan? RetryAfter { get; init; }

    public TimeSpan Delay { get; init; }

    /// <summary>Whether the delay holds the answer, read already, instead of the request.</summary>
    public bool DelaysResponse { get; init; }

    public FaultDrop Drop { get; init; }

    /// <summary>How many requests it meets before it is used up; null for no such end.</summary>
    public int? Count { get; init => _left = (field = value) ?? int.MaxValue; }

    /// <summary>When it ends by itself; null for never.</summary>
    public DateTimeOffset? Until { get; init; }

    public int Hits => Volatile.Read(ref _hits);

    public bool IsOver => Volatile.Read(ref _left) <= 0 || Until <= clock.GetUtcNow();

    /// <summary>Takes one of its count if the request is one that it meets.</summary>
    public bool TryMatch(Exchange exchange, RequestRange ranges)
    {
        if (Method is not null && !string.Equals(Method, exchange.Method, StringComparison.OrdinalIgnoreCase)) return false;
        if (Operation is { } operation && operation != exchange.Operation) return false;
        if (PathPattern is not null && !FileSystemName.MatchesSimpleExpression(PathPattern, exchange.Path.ToString(), ignoreCase: false)) return false;
        if (Range is not null && Range != ranges.FindId(exchange)) return false;
        if (Until <= clock.GetUtcNow()) return false;
        if (Count is not null && Interlocked.Decrement(ref _left) < 0) return false;
        Interlocked.Increment(ref _hits);
        return true;
    }

    public Task WaitAsync(CancellationToken cancellationToken) => Task.Delay(Delay, clock, cancellationToken);
}
