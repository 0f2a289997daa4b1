namespace Lookup.Emulator.Storage;

/// <summary>The time from the expiry of a document until its deletion is in the log of its physical range. The same for all containers.</summary>
internal sealed class TimeToLiveDelay
{
    private long _ticks;

    /// <summary>Gets or sets the delay.</summary>
    /// <value>The default is zero: the deletion is in the log as soon as the document has expired.</value>
    public TimeSpan Value
    {
        get => TimeSpan.FromTicks(Volatile.Read(ref _ticks));
        set => Volatile.Write(ref _ticks, value.Ticks);
    }
}
