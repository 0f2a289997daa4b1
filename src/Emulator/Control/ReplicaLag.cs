using Lookup.Emulator.Storage;

namespace Lookup.Emulator.Control;

/// <summary>
/// The simulated lag of replicas: point reads and feed polls return an earlier state. A seeded generator draws the lag of each request.
/// A request with a session token never gets a state from before the token.
/// </summary>
internal sealed class ReplicaLag(TimeProvider clock)
{
    private readonly Lock _drawing = new();
    private volatile Setting? _setting;

    public bool IsOff => _setting is null;

    public TimeSpan Max => _setting?.Max ?? TimeSpan.Zero;

    /// <summary>Sets the lag.</summary>
    /// <param name="max">The maximum lag; zero turns the lag off.</param>
    public void Set(TimeSpan max, int seed) => _setting = max > TimeSpan.Zero ? new Setting(max, new Random(seed)) : null;

    /// <summary>
    /// Returns a position that the range had within the lag, at or after the session's LSN. If it is the current position, the result is the
    /// object in <see cref="PhysicalRange.Position"/>.
    /// </summary>
    public RangePosition PositionOf(PhysicalRange range, long sessionLsn)
    {
        if (_setting is not { } setting) return range.Position;
        var moment = clock.GetUtcNow() - Draw(setting);
        lock (range.Gate)
        {
            var lsn = Math.Max(range.Log.LsnAsOf(moment), sessionLsn);
            return lsn >= range.Position.Lsn ? range.Position : new RangePosition(range.Id, lsn);
        }
    }

    private TimeSpan Draw(Setting setting)
    {
        lock (_drawing) return setting.Max * setting.Generator.NextDouble();
    }

    private sealed record Setting(TimeSpan Max, Random Generator);
}
