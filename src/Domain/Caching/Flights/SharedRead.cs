namespace Lookup.Domain.Caching.Flights;

/// <summary>The flights of one read. They have a common deadline, and the read is canceled when all flights are abandoned.</summary>
internal sealed class SharedRead(int flights, int places, TimeSpan deadline, TimeProvider time) : IDisposable
{
    private readonly CancellationTokenSource _cancellation = new(deadline, time);
    private int _wanted = flights;

    public CancellationToken Token => _cancellation.Token;

    /// <summary>Gets the number of places that the read takes.</summary>
    public int Places => places;

    /// <summary>Gets a value that indicates whether the read was canceled because it had no waiters, not by its deadline.</summary>
    public bool IsAbandoned => Volatile.Read(ref _wanted) <= 0;

    /// <summary>Removes one flight, which has no more waiters.</summary>
    public void Abandon()
    {
        if (Interlocked.Decrement(ref _wanted) > 0)
            return;

        try
        {
            _cancellation.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The read has already ended.
        }
    }

    public void Dispose() => _cancellation.Dispose();
}
