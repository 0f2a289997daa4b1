using System.Net;
using Lookup.Emulator.Wire;

namespace Lookup.Emulator.Control;

/// <summary>The fault injector, which makes requests fail, delays them or closes their connections.</summary>
internal sealed class FaultInjector(RequestRange ranges)
{
    // Replaced as a whole, so that requests read it without a lock. Nearly always empty.
    private volatile Fault[] _faults = [];
    private readonly Lock _changing = new();

    public IReadOnlyList<Fault> Faults => _faults;

    public bool IsIdle => _faults.Length == 0;

    public void Add(Fault fault)
    {
        lock (_changing) _faults = [.. _faults.Where(other => !other.IsOver), fault];
    }

    public void Clear()
    {
        lock (_changing) _faults = [];
    }

    /// <summary>Applies the first fault that matches a request.</summary>
    /// <returns>
    /// <see langword="true"/> to continue with the request; <see langword="false"/> if the fault closed the connection.
    /// </returns>
    public async Task<bool> ApplyAsync(Exchange exchange)
    {
        var fault = _faults.FirstOrDefault(candidate => candidate.TryMatch(exchange, ranges));
        if (fault is null) return true;
        exchange.Fault = fault;
        if (fault.Delay > TimeSpan.Zero && !fault.DelaysResponse) await fault.WaitAsync(exchange.Aborted);
        if (fault.Drop == FaultDrop.Before)
        {
            exchange.Http.Abort();
            return false;
        }

        if (fault.Status == 0) return true;
        throw new CosmosErrorException((HttpStatusCode)fault.Status, "Injected by the fault injector of this endpoint.", fault.SubStatus)
        {
            RetryAfter = fault.RetryAfter,
        };
    }
}
