using Lookup.Emulator.Storage;

namespace Lookup.Emulator.Control;

/// <summary>
/// Lets reads and feed polls be answered by a replica that lags behind, by a time that a seeded generator draws for each request.
/// A session token bounds it: a request that carries one is never answered from a state before it.
/// </summary>
internal sealed class ReplicaLag(TimeProvider clock)
{
    private readonly Lock _drawing = new();
    private volatile Setting? _setting;

    public bool IsOff => _setting is null;

    public TimeSpan Max => _setting?.Max ?? TimeSpan.Zero;

    /// <param name="max">Zero turns it off.</param>
    public void Set(TimeSpan max, int seed) => _setting = max > TimeSpan.Zero ? new Setting(max, new Random(seed)) : null;

    /// <summary>A position that the range had within the lag, at or after the session's; the range's own object when it is the present one.</summary>
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
