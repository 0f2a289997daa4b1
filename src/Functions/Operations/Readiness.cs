using Lookup.Domain.Changes;
using Lookup.Domain.Users;
using Lookup.Functions.Hosting;

namespace Lookup.Functions.Operations;

/// <summary>Finds out whether the instance can answer lookups: its feed is followed, or its store can be reached.</summary>
/// <remarks>Anybody may ask, so the store is asked once a second at most.</remarks>
internal sealed class Readiness(Freshness freshness, IUserStore store, LookupSettings settings, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Any answer about it will do. Whether there is such a user makes no difference.</summary>
    private static readonly UserKey Anybody = UserKey.Of("readiness");

    private readonly Lock _gate = new();
    private Task<bool> _probe = Task.FromResult(false);
    private long? _probedAt;

    public async ValueTask<bool> CheckAsync(CancellationToken cancellationToken)
    {
        if (freshness.IsArmed)
            return true;

        Task<bool> probe;
        lock (_gate)
        {
            if (_probe.IsCompleted && (_probedAt is not { } at || time.GetElapsedTime(at) >= Pause))
            {
                _probedAt = time.GetTimestamp();
                _probe = ProbeAsync();
            }

            probe = _probe;
        }

        return await probe.WaitAsync(cancellationToken);
    }

    private async Task<bool> ProbeAsync()
    {
        using var deadline = new CancellationTokenSource(settings.Cache.ReadDeadline, time);
        try
        {
            await store.ReadAsync(Anybody, null, deadline.Token);
            return true;
        }
        catch (Exception e) when (e is UserStoreException or OperationCanceledException)
        {
            return false;
        }
    }
}
