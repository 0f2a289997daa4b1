using System.Runtime.ExceptionServices;

namespace Lookup.Domain.Caching.Flights;

// Flights that request the entry of the shared tier before they read from the store. They are separate methods, so that other reads do not
// become slower.
internal sealed partial class FlightReader
{
    private async Task ReadAfterTierAsync(Flight flight, SharedRead sharedRead)
    {
        await CompleteFromTierAsync([flight], sharedRead);
        if (flight.HasEnded)
        {
            End(flight, sharedRead);
        }
        else if (store.Refuse() is { } refusal)
        {
            table.Fail(flight, ExceptionDispatchInfo.Capture(refusal));
            End(flight, sharedRead);
        }
        else
        {
            await ReadOneAsync(flight, sharedRead, isAlone: true);
        }
    }

    private async Task ReadAllAfterTierAsync(IReadOnlyList<Flight> flights, SharedRead sharedRead)
    {
        await CompleteFromTierAsync([.. flights.Where(flight => flight.AsksTier)], sharedRead);
        foreach (var flight in flights)
        {
            if (flight.HasEnded)
                flight.ReleaseJoined();
        }

        await ReadAllAsync([.. flights.Where(flight => !flight.HasEnded)], flights, sharedRead);
    }

    /// <summary>Completes flights with the entries of the tier that can be used. Does not fail; the other flights are left as they are.</summary>
    private async Task CompleteFromTierAsync(IReadOnlyList<Flight> flights, SharedRead sharedRead)
    {
        try
        {
            // Entries of the tier take memory like reads from the store do, from the same budget.
            using var lease = await readBytes.TakeAsync(BoundedUserStore.Copies * sizes.Of(flights.Count), sharedRead.Token);
            if (lease is null)
                return;

            var candidates = flights.Count == 1
                ? [await tier!.GetAsync(flights[0].Target.User, sharedRead.Token)]
                : await tier!.GetManyAsync([.. flights.Select(flight => flight.Target.User)], sharedRead.Token);
            for (var i = 0; i < flights.Count; i++)
            {
                if (candidates[i] is { } candidate && table.TryComplete(flights[i], candidate))
                    sizes.Add(candidate.Entry.Document?.Body.Length ?? 0);
            }
        }
        catch (Exception)
        {
            // Whatever happens here, the users are read from the store. That fails in its own way if the deadline is over, or no request waits.
            if (!sharedRead.Token.IsCancellationRequested)
                tier!.CountFailure();
        }
    }
}
