using Lookup.Domain.Caching;
using Lookup.Domain.Stores;
using Lookup.Simulation.Checking;
using Lookup.Simulation.World;

namespace Lookup.Simulation.Runs;

// The requests of a run: their keys, directives and cancellations.
internal sealed partial class Run
{
    public void Send(int slot)
    {
        if (_slots[slot] is { IsUp: true } instance)
            Send(instance, HotUser());
    }

    private void Send(Instance instance, int user)
    {
        var directives = _random.Chance(_plan.Directives) ? SomeDirectives() : default;
        var isFind = _random.Chance(_plan.Finds);
        var isMany = !isFind && _random.Chance(_plan.Many);
        int[] users = isFind ? [] : isMany ? SomeUsers() : [user];
        var alternate = isFind ? _random.Next(_plan.Alternates) : -1;
        var cancelAfter = _random.Chance(_plan.Cancels) ? _random.LogBetween(_plan.Latency / 4, _plan.Unit) : 0;
        instance.Machine.Post(() => _ = SendAsync(instance, users, alternate, directives, cancelAfter));
    }

    private async Task SendAsync(Instance instance, int[] users, int alternate, ReadDirectives directives, long cancelAfter, bool isLast = false)
    {
        if (!instance.IsUp)
            return;

        var request = _oracle.Begin(instance, users, alternate, directives);
        using var cancellation = cancelAfter > 0 ? new CancellationTokenSource() : null;
        if (cancellation is not null)
            _scheduler.After(cancelAfter, () => instance.Machine.Post(() => Cancel(instance, request, cancellation)));
        Request.Current = request;
        try
        {
            await SendAsync(instance, request, isLast, cancellation?.Token ?? CancellationToken.None);
        }
        catch (UserStoreException exception)
        {
            _oracle.Failed(instance, request);
            _history.Note(SimulationEvent.LookupFailed, instance.Machine.Number, request.Number, (int)exception.Failure);
            if (exception.Failure == UserStoreFailure.Overloaded)
                _history.Count(SimulationEvent.LookupOverloaded);
            if (isLast && exception.Failure != UserStoreFailure.Overloaded)
                Report(new Violation(Guarantee.Recovers, $"After the end of all faults, lookup #{request.Number} failed: {exception.Message}"));
        }
        catch (OperationCanceledException) when (request.IsCanceled)
        {
            _history.Note(SimulationEvent.RequestCanceled, instance.Machine.Number, request.Number);
        }
        catch (Exception exception)
        {
            Report(new Violation(Guarantee.FailsOnlyAsDocumented, $"Lookup #{request.Number} failed with {exception.GetType().Name}: {exception.Message}"));
        }

        _oracle.Ended(instance, request);
        if (_faults.AreOn && users.Length == 1 && _random.Chance(0.2))
            Send(instance, users[0]);
    }

    private async Task SendAsync(Instance instance, Request request, bool isLast, CancellationToken cancellationToken)
    {
        var machine = instance.Machine.Number;
        if (request.Alternate >= 0)
        {
            _history.Note(SimulationEvent.FindBegan, machine, request.Number, request.Alternate);
            _oracle.CheckFound(instance, request, await instance.Cache.FindAsync(_database.Alternates[request.Alternate], request.Directives, cancellationToken));
        }
        else if (request.Users.Length == 1)
        {
            var user = request.Users[0];
            _history.Note(SimulationEvent.LookupBegan, machine, request.Number, user);
            var key = _database.Users[user].Key;

            // Every second request tries the cache synchronously first, like the HTTP function.
            if (request.Number % 2 == 0 || !instance.Cache.TryGet(key, request.Directives, out var result))
                result = await instance.Cache.GetAsync(key, request.Directives, cancellationToken);
            _oracle.Check(instance, request, user, result);
            if (isLast)
                _oracle.CheckNewest(request, user, result);
        }
        else
        {
            _history.Note(SimulationEvent.LookupManyBegan, machine, request.Number, request.Users.Length);
            var keys = Array.ConvertAll(request.Users, user => _database.Users[user].Key);
            var results = await instance.Cache.GetManyAsync(keys, request.Directives, cancellationToken);
            for (var i = 0; i < results.Count; i++)
                _oracle.Check(instance, request, request.Users[i], results[i]);
        }
    }

    private void Cancel(Instance instance, Request request, CancellationTokenSource cancellation)
    {
        if (!instance.Requests.Contains(request))
            return;

        // A shared read continues for other waiters. The flights that the canceled request attached are no longer counted.
        foreach (var key in KeysOf(request))
            instance.InFlightReads.Detach(key);
        request.IsCanceled = true;
        cancellation.Cancel();
    }

    /// <summary>Returns the keys for which a request may send reads. For an alternate key, these are the hint and all users.</summary>
    private int[] KeysOf(Request request) =>
        request.Alternate >= 0 ? [-1 - request.Alternate, .. Enumerable.Range(0, _plan.Users)] : request.Users;

    private ReadDirectives SomeDirectives() => _random.Next(10) switch
    {
        0 or 1 => new ReadDirectives { NoCache = true },
        2 => new ReadDirectives { NoStore = true },
        3 => new ReadDirectives { NoStore = true, NoCache = true },
        4 => new ReadDirectives { OnlyIfCached = true },
        5 => new ReadDirectives { OnlyIfCached = true, MaxStale = TimeSpan.MaxValue },
        6 => new ReadDirectives { MaxAge = TimeSpan.FromTicks(_random.Between(0, _plan.Cache.MaxStaleness.Ticks * 3 / 2)) },
        7 => new ReadDirectives { MaxStale = TimeSpan.FromTicks(_random.Between(1, _plan.Cache.MaxStaleness.Ticks)) },
        8 => new ReadDirectives { StaleIfError = TimeSpan.FromTicks(_random.Between(0, _plan.Cache.MaxStaleness.Ticks)) },
        _ => new ReadDirectives { MaxAge = TimeSpan.Zero, StaleIfError = TimeSpan.FromTicks(_plan.Unit) },
    };

    private int[] SomeUsers()
    {
        var users = new int[_random.Between(1, Math.Min(5, _plan.Users + 1))];
        for (var i = 0; i < users.Length; i++)
            users[i] = _random.Next(_plan.Users);
        return users;
    }

    private int HotUser() =>
        _random.Chance(0.5) ? 0 : _random.Next(_plan.Popular < _plan.Users && _random.Chance(0.97) ? _plan.Popular : _plan.Users);

    private void SendAfterEviction(Instance instance, int user)
    {
        if (_faults.AreOn && _random.Chance(0.15))
            Send(instance, user);
    }
}
