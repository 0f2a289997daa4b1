using System.Globalization;
using Lookup.Simulation.Engine;

namespace Lookup.Simulation.Checking;

/// <summary>The events of one run: counted, hashed and, if there is a listener, written as text.</summary>
internal sealed class History(Scheduler scheduler, Action<string>? listener)
{
    private readonly long[] _counts = new long[SimulationEvents.Count];
    private ulong _hash = 14695981039346656037;

    /// <summary>Gets the hash of all events. Two runs with the same hash had the same events in the same order.</summary>
    public ulong Hash => _hash;

    public IReadOnlyList<long> Counts => _counts;

    public void Note(SimulationEvent what, int machine, long a = 0, long b = 0, long c = 0)
    {
        _counts[(int)what]++;
        Mix((ulong)scheduler.Now ^ ((ulong)what << 48) ^ ((ulong)(machine + 1) << 56));
        Mix((ulong)a ^ ((ulong)b << 20) ^ ((ulong)c << 40));
        if (listener is null)
            return;

        var text = string.Format(CultureInfo.InvariantCulture, SimulationEvents.TextOf(what), a, b, c);
        var source = machine < 0 ? "  " : string.Create(CultureInfo.InvariantCulture, $"i{machine}");
        listener(string.Create(CultureInfo.InvariantCulture, $"{scheduler.Now / 10_000.0,12:0.000} ms  {source}  {text}"));
    }

    /// <summary>Counts an event without adding it to the hash or the text.</summary>
    public void Count(SimulationEvent what, long times = 1) => _counts[(int)what] += times;

    private void Mix(ulong value)
    {
        _hash = (_hash ^ value) * 0x9E3779B97F4A7C15;
        _hash ^= _hash >> 29;
    }
}
