namespace Lookup.Domain.Caching.Flights;

/// <summary>The flights of one read: their common deadline, and the end of it when nobody waits any more.</summary>
internal sealed class SharedRead(int flights, int places, TimeSpan deadline, TimeProvider time) : IDisposable
{
    private readonly CancellationTokenSource _cancellation = new(deadline, time);
    private int _wanted = flights;

    public CancellationToken Token => _cancellation.Token;

    /// <summary>How many of the places for reads it takes.</summary>
    public int Places => places;

    /// <summary>The read was ended because all who waited had left, not by its deadline.</summary>
    public bool IsAbandoned => Volatile.Read(ref _wanted) <= 0;

    /// <summary>One flight's last waiter has left.</summary>
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
            // The read has just ended by itself.
        }
    }

    public void Dispose() => _cancellation.Dispose();
}
