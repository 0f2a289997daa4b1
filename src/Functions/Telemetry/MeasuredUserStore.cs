using System.Diagnostics;
using Lookup.Domain.Stores;
using Lookup.Domain.Users;

namespace Lookup.Functions.Telemetry;

/// <summary>A store whose every call is counted, timed and, where the request is sampled, a span.</summary>
internal sealed class MeasuredUserStore(IUserStore inner, StoreCounters counters, TimeProvider time) : IUserStore
{
    public ValueTask<StoreRead> ReadAsync(UserKey key, string? ifNoneMatch, CancellationToken cancellationToken) =>
        MeasureAsync("read", static (store, call, token) => store.ReadAsync(call.key, call.ifNoneMatch, token), (key, ifNoneMatch), cancellationToken);

    public async ValueTask ReadManyAsync(IReadOnlyList<UserKey> keys, Action<StoreReadMany> part, CancellationToken cancellationToken) =>
        await MeasureAsync(
            "readMany",
            static async (store, call, token) =>
            {
                await store.ReadManyAsync(call.keys, call.part, token);
                return true;
            },
            (keys, part),
            cancellationToken);

    public ValueTask<StoreFind> FindAsync(AlternateKey key, int limit, CancellationToken cancellationToken) =>
        MeasureAsync("query", static (store, call, token) => store.FindAsync(call.key, call.limit, token), (key, limit), cancellationToken);

    public UserStoreException? Refuse() => inner.Refuse();

    private async ValueTask<TAnswer> MeasureAsync<TCall, TAnswer>(
        string operation,
        Func<IUserStore, TCall, CancellationToken, ValueTask<TAnswer>> send,
        TCall call,
        CancellationToken cancellationToken)
    {
        using var span = LookupTracing.StartStoreCall(operation);
        var startedAt = time.GetTimestamp();
        try
        {
            var answer = await send(inner, call, cancellationToken);
            counters.Answered(operation, startedAt);
            return answer;
        }
        catch (UserStoreException e)
        {
            Failed(e.Failure);
            throw;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            if (time.GetElapsedTime(startedAt) >= counters.Patience)
                Failed(UserStoreFailure.TimedOut);
            throw;
        }

        void Failed(UserStoreFailure failure)
        {
            counters.Failed(operation, startedAt, failure);
            span?.SetStatus(ActivityStatusCode.Error);
            span?.SetTag("error.type", StoreCounters.NameOf(failure));
        }
    }
}
