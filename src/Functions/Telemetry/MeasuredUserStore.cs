using System.Diagnostics;
using Lookup.Domain.Stores;
using Lookup.Domain.Users;

namespace Lookup.Functions.Telemetry;

/// <summary>A decorator that counts and times every call to the store, and traces it if the request is sampled.</summary>
internal sealed class MeasuredUserStore(IUserStore inner, StoreCounters counters, TimeProvider time) : IUserStore
{
    public ValueTask<StoreRead> ReadAsync(UserKey key, string? ifNoneMatch, CancellationToken cancellationToken) =>
        MeasureAsync("read", static (store, call, token) => store.ReadAsync(call.key, call.ifNoneMatch, token), (key, ifNoneMatch), cancellationToken);

    public ValueTask<StoreRead> ReadInSessionAsync(UserKey key, SessionToken session, CancellationToken cancellationToken) =>
        MeasureAsync("read", static (store, call, token) => store.ReadInSessionAsync(call.key, call.session, token), (key, session), cancellationToken);

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

    private async ValueTask<TResult> MeasureAsync<TCall, TResult>(
        string operation,
        Func<IUserStore, TCall, CancellationToken, ValueTask<TResult>> send,
        TCall call,
        CancellationToken cancellationToken)
    {
        using var span = LookupTracing.StartStoreCall(operation);
        var startedAt = time.GetTimestamp();
        try
        {
            var result = await send(inner, call, cancellationToken);
            counters.CountSuccess(operation, startedAt);
            return result;
        }
        catch (UserStoreException e)
        {
            Failed(e.Failure);
            throw;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            if (time.GetElapsedTime(startedAt) >= counters.AbandonedAfter)
                Failed(UserStoreFailure.TimedOut);
            throw;
        }

        void Failed(UserStoreFailure failure)
        {
            counters.CountFailure(operation, startedAt, failure);
            span?.SetStatus(ActivityStatusCode.Error);
            span?.SetTag("error.type", StoreCounters.NameOf(failure));
        }
    }
}
