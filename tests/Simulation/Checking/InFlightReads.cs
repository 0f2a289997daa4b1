namespace Lookup.Simulation.Checking;

/// <summary>
/// The check of G4, from the view of the store: the attached reads in flight for each key of one instance. Reads that were sent before the
/// last eviction of the key are detached, and reads of <c>no-store</c> requests are never attached.
/// </summary>
internal sealed class InFlightReads(int users, int alternates, Action<Violation> report)
{
    private readonly int[] _attached = new int[users + alternates];
    private readonly int[] _generation = new int[users + alternates];
    private readonly List<Request>?[] _initiators = new List<Request>?[users + alternates];
    private readonly HashSet<(Request Request, int Slot)> _detached = [];
    private readonly Dictionary<Request, int[]> _generationsAtFirstRead = [];

    /// <param name="keys">The keys that are read: the numbers of users, or −1 − the number of an alternate key.</param>
    /// <param name="request">The request that started the flight.</param>
    public ReadTicket Begin(int[] keys, Request request)
    {
        // A batch attaches all of its flights before its first read is sent. A flight that is read alone can be detached before its own
        // read is sent.
        if (!_generationsAtFirstRead.TryGetValue(request, out var atFirstRead) && keys[0] >= 0)
            _generationsAtFirstRead[request] = atFirstRead = [.. _generation];

        var generations = new int[keys.Length];
        for (var i = 0; i < keys.Length; i++)
        {
            // A detached flight remains detached if it is read again because of a lagging replica.
            var slot = Slot(keys[i]);
            var isDetached = request.Directives.NoStore || _detached.Contains((request, slot)) || (atFirstRead is not null && atFirstRead[slot] != _generation[slot]);
            generations[i] = isDetached ? -1 : _generation[slot];
            if (generations[i] < 0)
                continue;

            (_initiators[slot] ??= []).Add(request);
            if (++_attached[slot] > 1)
                report(new Violation(Guarantee.G4SingleFlight, $"{_attached[slot]} attached reads of key {keys[i]} are in flight on one instance."));
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

    /// <summary>Ends the read of one of the keys.</summary>
    public void EndOf(ReadTicket ticket, int key) => End(ticket, Array.IndexOf(ticket.Keys, key));

    private void End(ReadTicket ticket, int i)
    {
        if (ticket.Generations[i] == ReadTicket.Ended)
            return;

        var slot = Slot(ticket.Keys[i]);
        if (ticket.Generations[i] == _generation[slot])
            _attached[slot]--;
        else
            Detach(ticket.Keys[i]); // a detached read can return a newer version, which detaches the reads that were sent before
        ticket.Generations[i] = ReadTicket.Ended;
    }

    /// <summary>Detaches the reads in flight for a key: their results will not be stored, and no request joins them.</summary>
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

    /// <summary>Determines whether a read whose result can still be stored is in flight for a key.</summary>
    public bool Any(int key) => _attached[Slot(key)] > 0;

    private int Slot(int key) => key >= 0 ? key : users - 1 - key;
}

/// <summary>
/// One read in flight: its keys, and the number of detachments of each key when the read was sent, or −1 if it is not attached.
/// </summary>
internal sealed class ReadTicket(int[] keys, int[] generations)
{
    /// <summary>The value in place of a generation after the read of the key has ended.</summary>
    public const int Ended = -2;

    public int[] Keys => keys;

    public int[] Generations => generations;

    public bool HasEnded { get; set; }
}
