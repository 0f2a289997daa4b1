using Lookup.Domain.Caching;
using Lookup.Domain.Stores;
using Lookup.Simulation.Checking;
using Lookup.Simulation.World;

namespace Lookup.Simulation.Runs;

// Those who ask: what they ask for, with which directives, and when they give up.
internal sealed partial class Run
{
    public void Ask(int slot)
    {
        if (_slots[slot] is { IsUp: true } instance)
            Ask(instance, HotUser());
    }

    private void Ask(Instance instance, int user)
    {
        var directives = _random.Chance(_plan.Directives) ? SomeDirectives() : default;
        var isFind = _random.Chance(_plan.Finds);
        var isMany = !isFind && _random.Chance(_plan.Many);
        int[] users = isFind ? [] : isMany ? SomeUsers() : [user];
        var alternate = isFind ? _random.Next(_plan.Alternates) : -1;
        var givesUpAfter = _random.Chance(_plan.Cancels) ? _random.LogBetween(_plan.Latency / 4, _plan.Unit) : 0;
        instance.Machine.Post(() => _ = AskAsync(instance, users, alternate, directives, givesUpAfter));
    }

    private async Task AskAsync(Instance instance, int[] users, int alternate, ReadDirectives directives, long givesUpAfter, bool isLast = false)
    {
        if (!instance.IsUp)
            return;

        var request = _oracle.Begin(instance, users, alternate, directives);
        using var cancellation = givesUpAfter > 0 ? new CancellationTokenSource() : null;
        if (cancellation is not null)
            _scheduler.After(givesUpAfter, () => instance.Machine.Post(() => GiveUp(instance, request, cancellation)));
        Request.Current = request;
        try
        {
            await AskAsync(instance, request, isLast, cancellation?.Token ?? CancellationToken.None);
        }
        catch (UserStoreException exception)
        {
            _chronicle.Note(Happening.LookupFailed, instance.Machine.Number, request.Number, (int)exception.Failure);
            if (exception.Failure == UserStoreFailure.Overloaded)
                _chronicle.Count(Happening.LookupOverloaded);
            if (isLast && exception.Failure != UserStoreFailure.Overloaded)
                Report(new Violation(Promise.Recovers, $"All is quiet, and lookup #{request.Number} fails: {exception.Message}"));
        }
        catch (OperationCanceledException) when (request.GaveUp)
        {
            _chronicle.Note(Happening.CallerGaveUp, instance.Machine.Number, request.Number);
        }
        catch (Exception exception)
        {
            Report(new Violation(Promise.FailsOnlyAsSaid, $"Lookup #{request.Number} failed with {exception.GetType().Name}: {exception.Message}"));
        }

        _oracle.Ended(instance, request);
        if (_faults.AreOn && users.Length == 1 && _random.Chance(0.2))
            Ask(instance, users[0]);
    }

    private async Task AskAsync(Instance instance, Request request, bool isLast, CancellationToken cancellationToken)
    {
        var machine = instance.Machine.Number;
        if (request.Alternate >= 0)
        {
            _chronicle.Note(Happening.FindBegan, machine, request.Number, request.Alternate);
            _oracle.CheckFound(instance, request, await instance.Cache.FindAsync(_database.Alternates[request.Alternate], request.Directives, cancellationToken));
        }
        else if (request.Users.Length == 1)
        {
            var user = request.Users[0];
            _chronicle.Note(Happening.LookupBegan, machine, request.Number, user);
            var key = _database.Users[user].Key;

            // Every second request looks into memory first, as the HTTP function does.
            if (request.Number % 2 == 0 || !instance.Cache.TryGet(key, request.Directives, out var answer))
                answer = await instance.Cache.GetAsync(key, request.Directives, cancellationToken);
            _oracle.Check(instance, request, user, answer);
            if (isLast)
                _oracle.CheckNewest(request, user, answer);
        }
        else
        {
            _chronicle.Note(Happening.LookupManyBegan, machine, request.Number, request.Users.Length);
            var keys = Array.ConvertAll(request.Users, user => _database.Users[user].Key);
            var answers = await instance.Cache.GetManyAsync(keys, request.Directives, cancellationToken);
            for (var i = 0; i < answers.Count; i++)
                _oracle.Check(instance, request, request.Users[i], answers[i]);
        }
    }

    private void GiveUp(Instance instance, Request request, CancellationTokenSource cancellation)
    {
        if (!instance.Requests.Contains(request))
            return;

        // The read of a group goes on while others want it: what a caller that gave up had attached is no longer counted.
        foreach (var key in KeysOf(request))
            instance.UnderWay.Detach(key);
        request.GaveUp = true;
        cancellation.Cancel();
    }

    /// <summary>What a request may send reads for: by alternate key the hint, and whoever it names.</summary>
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

    private int HotUser() => _random.Chance(0.5) ? 0 : _random.Next(_plan.Users);

    private void AskAfterEviction(Instance instance, int user)
    {
        if (_faults.AreOn && _random.Chance(0.15))
            Ask(instance, user);
    }
}
