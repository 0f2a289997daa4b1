using Lookup.Domain.SharedTier;
using StackExchange.Redis;

namespace Lookup.Functions.SharedTier.Redis;

/// <summary>A tier in Redis, or in a server that speaks its protocol.</summary>
/// <remarks>
/// The client has no method that takes a token, so each call waits for the client's task with the caller's. A call that has ended like that, or
/// timed out, may still be executed by the server later.
/// </remarks>
internal sealed class RedisTier : ISharedTier, IDisposable
{
    // With the default flags, 242 reads were served by a replica, with old values, while the primary was stopped.
    private const CommandFlags Primary = CommandFlags.DemandMaster;

    private const int MaxErrorCode = 32;

    private readonly Task<ConnectionMultiplexer> _connecting;

    /// <summary>Begins to connect. Calls wait for the first connection, as long as their tokens allow.</summary>
    /// <param name="options">The options, see <see cref="RedisOptions"/>.</param>
    public RedisTier(ConfigurationOptions options) =>
        // Not awaited at startup: without a server it ends after 0 ms or after the whole timeout, by chance, and connects by itself later.
        _connecting = ConnectionMultiplexer.ConnectAsync(options);

    /// <inheritdoc/>
    public async ValueTask<ReadOnlyMemory<byte>?> GetAsync(string key, CancellationToken cancellationToken)
    {
        TierLimits.CheckKey(key);

        // Not StringGetLeaseAsync: the caller keeps the value, so a pooled buffer would have to be copied, which allocates as much.
        var value = await CallAsync(static (database, key) => database.StringGetAsync(key, Primary), key, cancellationToken);
        return ToMemory(value);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<ReadOnlyMemory<byte>?>> GetManyAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        TierLimits.CheckKeys(keys);
        var redisKeys = Array.ConvertAll([.. keys], static key => (RedisKey)key);
        var values = await CallAsync(GetManyAsync, redisKeys, cancellationToken);
        return Array.ConvertAll(values, ToMemory);
    }

    /// <inheritdoc/>
    public async ValueTask SetAsync(string key, ReadOnlyMemory<byte> value, TimeSpan timeToLive, CancellationToken cancellationToken)
    {
        TierLimits.CheckKey(key);
        TierLimits.CheckTimeToLive(timeToLive);

        // Not fire-and-forget, in which a full server's refusals vanish.
        await CallAsync(
            static (database, write) => database.StringSetAsync(write.key, write.value, write.timeToLive, When.Always, Primary),
            (key, value, timeToLive),
            cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> TryAddAsync(string key, ReadOnlyMemory<byte> value, TimeSpan timeToLive, CancellationToken cancellationToken)
    {
        TierLimits.CheckKey(key);
        TierLimits.CheckTimeToLive(timeToLive);
        return await CallAsync(
            static (database, write) => database.StringSetAsync(write.key, write.value, write.timeToLive, When.NotExists, Primary),
            (key, value, timeToLive),
            cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DeleteAsync(string key, CancellationToken cancellationToken)
    {
        TierLimits.CheckKey(key);
        await CallAsync(static (database, key) => database.KeyDeleteAsync(key, Primary), key, cancellationToken);
    }

    /// <summary>Closes the connection in the background. Calls in flight fail.</summary>
    public void Dispose() => _ = CloseAsync();

    private static Task<RedisValue[]> GetManyAsync(IDatabase database, RedisKey[] keys)
    {
        // MGET of keys in several slots is not allowed in a cluster. Single reads are sent to all nodes at the same time.
        var isCluster = Array.Exists(database.Multiplexer.GetServers(), static server => server.ServerType == ServerType.Cluster);
        return isCluster
            ? Task.WhenAll(Array.ConvertAll(keys, key => database.StringGetAsync(key, Primary)))
            : database.StringGetAsync(keys, Primary);
    }

    private static ReadOnlyMemory<byte>? ToMemory(RedisValue value) => value.IsNull ? default(ReadOnlyMemory<byte>?) : (ReadOnlyMemory<byte>)value;

    private async Task CloseAsync()
    {
        try
        {
            // Begun on the thread pool: closing blocks for a while if the server does not respond.
            await Task.Yield();
            var connection = await _connecting;
            await connection.CloseAsync(allowCommandsToComplete: false);
            await connection.DisposeAsync();
        }
        catch (Exception cause) when (IsOfTheClient(cause))
        {
            // Nothing is left to close.
        }
    }

    private async Task<TResult> CallAsync<TArgument, TResult>(
        Func<IDatabase, TArgument, Task<TResult>> send, TArgument argument, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Task<TResult>? call = null;
        try
        {
            var connection = _connecting.IsCompletedSuccessfully ? _connecting.Result : await _connecting.WaitAsync(cancellationToken);
            call = send(connection.GetDatabase(), argument);
            return await call.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The client's task fails later, and then nobody awaits it.
            _ = call?.ContinueWith(
                static task => task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            throw;
        }
        catch (Exception cause) when (IsOfTheClient(cause))
        {
            throw new SharedTierException(Describe(cause));
        }
    }

    private static bool IsOfTheClient(Exception cause) =>
        cause is RedisException or RedisCommandException or TimeoutException or ObjectDisposedException or InvalidOperationException or IOException
            or System.Net.Sockets.SocketException or OperationCanceledException;

    /// <summary>Describes a failure in our own words: a library's messages, and a server's, may contain anything.</summary>
    private static string Describe(Exception cause) => cause switch
    {
        TimeoutException => "Redis did not respond in time.",
        RedisConnectionException { FailureType: var reason } => $"There is no connection to Redis: {reason}.",
        RedisServerException { Message: var message } => $"Redis rejected the command with {ErrorCodeOf(message)}.",
        ObjectDisposedException or OperationCanceledException => "The connection to Redis is closed.",
        _ => $"Redis could not be used: {cause.GetType().Name}.",
    };

    /// <summary>Returns the first word of an error, such as <c>OOM</c> or <c>NOAUTH</c>, if it is one of capital letters.</summary>
    private static string ErrorCodeOf(string message)
    {
        var code = message.AsSpan(0, message.AsSpan().IndexOf(' ') is var end and >= 0 ? end : message.Length);
        return code.Length is 0 or > MaxErrorCode || code.ContainsAnyExceptInRange('A', 'Z') ? "an error" : code.ToString();
    }
}
