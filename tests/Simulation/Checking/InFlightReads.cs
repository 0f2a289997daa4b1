namespace Lookup.Simulation.Checking;

/// <summary>
/// G4, seen from the store: the reads of one key that one instance has under way and that are attached. Reads that were sent before
/// the key was last evicted are detached, and those of <c>no-store</c> requests never were attached.
/// </summary>
internal sealed class InFlightReads(int users, int alternates, Action<Violation> report)
{
    private readonly int[] _attached = new int[users + alternates];
    private readonly int[] _generation = new int[users + alternates];
    private readonly List<Request>?[] _initiators = new List<Request>?[users + alternates];
    private readonly HashSet<(Request Request, int Slot)> _detached = [];
    private readonly Dictionary<Request, int[]> _generationsAtFirstRead = [];

    /// <param name="keys">What is read: users' numbers, or −1 − the number of an alternate key.</param>
    /// <param name="request">The request that launched the flight.</param>
    public ReadTicket Begin(int[] keys, Request request)
    {
        // A batch attaches all of its flights before its first read is sent. One that waits to be read alone may be detached before its own is.
        if (!_generationsAtFirstRead.TryGetValue(request, out var atFirstRead) && keys[0] >= 0)
            _generationsAtFirstRead[request] = atFirstRead = [.. _generation];

        var generations = new int[keys.Length];
        for (var i = 0; i < keys.Length; i++)
        {
            // A flight that was detached goes on being so where a lagging replica makes it read again.
            var slot = Slot(keys[i]);
            var isDetached = request.Directives.NoStore || _detached.Contains((request, slot)) || (atFirstRead is not null && atFirstRead[slot] != _generation[slot]);
            generations[i] = isDetached ? -1 : _generation[slot];
            if (generations[i] < 0)
                continue;

            (_initiators[slot] ??= []).Add(request);
            if (++_attached[slot] > 1)
                report(new Violation(Guarantee.G4SingleFlight, $"{_attached[slot]} attached reads of key {keys[i]} are under way on one instance."));
        }

        return new ReadTicket(keys, generations);
    }

    public void End(ReadTicket ticket)
    {
        if (ticket.HasEnded)
            return;

        ticket.HasEnded = true;
        for (var i = 0; i < ticket.Keys.Length; i++)
            End(ticket, i);
    }

    /// <summary>One of the keys of a read has been answered.</summary>
    public void EndOf(ReadTicket ticket, int key) => End(ticket, Array.IndexOf(ticket.Keys, key));

    private void End(ReadTicket ticket, int i)
    {
        if (ticket.Generations[i] == ReadTicket.Ended)
            return;

        var slot = Slot(ticket.Keys[i]);
        if (ticket.Generations[i] == _generation[slot])
            _attached[slot]--;
        else
            Detach(ticket.Keys[i]); // what a detached read brings may be news, which detaches in turn what was sent before it came
        ticket.Generations[i] = ReadTicket.Ended;
    }

    /// <summary>What is under way for a key will not be stored, and nobody joins it.</summary>
    public void Detach(int key)
    {
        var slot = Slot(key);
        foreach (var request in _initiators[slot] ?? [])
            _detached.Add((request, slot));
        _initiators[slot]?.Clear();
        _attached[slot] = 0;
        _generation[slot]++;
    }

    public void DetachAll()
    {
        for (var key = -alternates; key < users; key++)
            Detach(key);
    }

    /// <summary>Whether a read that could still be stored is under way for a key.</summary>
    public bool Any(int key) => _attached[Slot(key)] > 0;

    private int Slot(int key) => key >= 0 ? key : users - 1 - key;
}

/// <summary>One read under way: its keys, and how often each had been detached when it was sent; −1 where it is not attached.</summary>
internal sealed class ReadTicket(int[] keys, int[] generations)
{
    /// <summary>In place of a generation: this key has been answered.</summary>
    public const int Ended = -2;

    public int[] Keys => keys;

    public int[] Generations => generations;

    public bool HasEnded { get; set; }
}
