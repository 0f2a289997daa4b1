using System.IO.Enumeration;
using Lookup.Emulator.Wire;

namespace Lookup.Emulator.Control;

/// <summary>A rule of the fault injector: the requests that it matches, and its effect on them.</summary>
internal sealed class Fault(TimeProvider clock)
{
    private int _left = int.MaxValue;
    private int _hits;

    /// <summary>Gets the HTTP method to match, or <see langword="null"/> for any.</summary>
    public string? Method { get; init; }

    /// <summary>
    /// Gets the path to match, with <c>*</c> for any characters, such as <c>*/docs/u1</c>, or <see langword="null"/> for any.
    /// </summary>
    public string? PathPattern { get; init; }

    /// <summary>Gets the operation to match, or <see langword="null"/> for any.</summary>
    public OperationKind? Operation { get; init; }

    /// <summary>Gets the id of the physical range to match, or <see langword="null"/> for any.</summary>
    public string? Range { get; init; }

    /// <summary>Gets the status of the injected response, or 0 to continue with the request.</summary>
    public int Status { get; init; }

    public int SubStatus { get; init; }

    public TimeSpan? RetryAfter { get; init; }

    public TimeSpan Delay { get; init; }

    /// <summary>
    /// Gets a value that indicates whether the delay applies to the response, after the data was read, and not to the request.
    /// </summary>
    public bool DelaysResponse { get; init; }

    public FaultDrop Drop { get; init; }

    /// <summary>Gets the number of requests to which the fault applies, or <see langword="null"/> for no limit.</summary>
    public int? Count { get; init => _left = (field = value) ?? int.MaxValue; }

    /// <summary>Gets the time at which the fault ends, or <see langword="null"/> for never.</summary>
    public DateTimeOffset? Until { get; init; }

    public int Hits => Volatile.Read(ref _hits);

    public bool IsOver => Volatile.Read(ref _left) <= 0 || Until <= clock.GetUtcNow();

    /// <summary>Determines whether the fault applies to a request and, if it does, uses up one of its count.</summary>
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
