using System.Runtime.ExceptionServices;

namespace Lookup.Domain.Caching.Flights;

// Flights that ask the shared tier before the store. They are separate methods, so that other reads do not become slower.
internal sealed partial class FlightReader
{
    private async Task ReadAfterTierAsync(Flight flight, SharedRead sharedRead)
    {
        if (await tier!.GetAsync(flight.Target.User, sharedRead.Token) is { } candidate && table.TryComplete(flight, candidate))
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
        var asking = flights.Where(flight => flight.AsksTier).ToArray();
        var candidates = await tier!.GetManyAsync([.. asking.Select(flight => flight.Target.User)], sharedRead.Token);
        var completed = new HashSet<Flight>();
        for (var i = 0; i < asking.Length; i++)
        {
            if (candidates[i] is not { } candidate || !table.TryComplete(asking[i], candidate))
                continue;

            completed.Add(asking[i]);
            asking[i].ReleaseJoined();
        }

        await ReadAllAsync(completed.Count == 0 ? flights : [.. flights.Where(flight => !completed.Contains(flight))], flights, sharedRead);
    }
}
