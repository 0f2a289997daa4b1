using Lookup.Domain.SharedTier;

namespace Lookup.Functions.SharedTier.Guarding;

/// <summary>
/// A tier in front of another that may be slow, stopped or absent. Callers wait for it only briefly and only a few times; then calls fail at once
/// until a probe shows that it is back.
/// </summary>
/// <remarks>
/// <para>
/// Reads: each call runs to its end or to <see cref="GuardedTierOptions.Timeout"/>, also if its caller gives up earlier, so that
/// callers with short deadlines cannot hide a tier that hangs. After the break, the first read starts a probe in the background and fails
/// itself.
/// </para>
/// <para>
/// Writes are queued and never awaited: <see cref="SetAsync"/> only fails for an invalid argument. The value must not be changed after the call.
/// They have their own circuit, because a full server rejects writes while it serves reads. While that circuit is open, they are dropped: their values
/// would be old when the tier is back. <see cref="TryAddAsync"/> and <see cref="DeleteAsync"/>, which run in the background of the service or for an administrator,
/// are awaited, and can be the probe themselves.
/// </para>
/// </remarks>
internal sealed class GuardedTier : ISharedTier, IDisposable
{
    private readonly ISharedTier _inner;
    private readonly GuardedTierOptions _options;
    private readonly TimeProvider _time;
    private readonly TierCounters _counters = new();
    private readonly TierCircuit _reads;
    private readonly TierCircuit _writes;
    private readonly Lock _gate = new();
    private readonly WriteQueue _queue;
    private int _readsInFlight;
    private int _writers;
    private volatile bool _isDisposed;

    /// <param name="inner">The tier. It is disposed with this one. Each of its calls must end when its token is canceled.</param>
    /// <param name="options">The options.</param>
    /// <param name="time">The clock.</param>
    public GuardedTier(ISharedTier inner, GuardedTierOptions options, TimeProvider time)
    {
        (_inner, _options, _time) = (inner, options, time);
        _reads = new TierCircuit(options.FailuresBeforeBreak, options.Break, time);
        _writes = new TierCircuit(options.FailuresBeforeBreak, options.Break, time);
        _queue = new WriteQueue(options.MaxQueuedWrites, options.MaxQueuedBytes);
    }

    /// <summary>Gets the counters.</summary>
    public TierStatistics Statistics => _counters.Read(_reads.Opened + _writes.Opened);

    /// <summary>Gets a value indicating whether reads are sent to the tier.</summary>
    public bool ServesReads => _reads.IsClosed && !_isDisposed;

    /// <summary>Gets a value indicating whether no write is queued or in flight.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_gate)
                return _queue.Count == 0 && _writers == 0;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<ReadOnlyMemory<byte>?> GetAsync(string key, CancellationToken cancellationToken)
    {
        TierLimits.CheckKey(key);
        var value = await ReadAsync(token => _inner.GetAsync(key, token), key, cancellationToken);
        _counters.Count(value is null ? TierEvent.Miss : TierEvent.Hit);
        return value;
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<ReadOnlyMemory<byte>?>> GetManyAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        TierLimits.CheckKeys(keys);
        var values = await ReadAsync(token => _inner.GetManyAsync(keys, token), keys[0], cancellationToken);
        var hits = values.Count(value => value is not null);
        _counters.Count(TierEvent.Hit, hits);
        _counters.Count(TierEvent.Miss, values.Count - hits);
        return values;
    }

    /// <inheritdoc/>
    public ValueTask SetAsync(string key, ReadOnlyMemory<byte> value, TimeSpan timeToLive, CancellationToken cancellationToken)
    {
        TierLimits.CheckKey(key);
        TierLimits.CheckTimeToLive(timeToLive);
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);
        if (value.Length > _options.MaxValueBytes)
        {
            _counters.Count(TierEvent.TooLarge);
            return ValueTask.CompletedTask;
        }

        var startsWriter = false;
        lock (_gate)
        {
            if (_isDisposed)
            {
                _counters.Count(TierEvent.DroppedWrite);
                return ValueTask.CompletedTask;
            }

            _counters.Count(TierEvent.DroppedWrite, _queue.Add(new QueuedWrite(key, value, timeToLive)));
            if (_writers < _options.MaxWriters)
            {
                _writers++;
                startsWriter = true;
            }
        }

        if (startsWriter)
            _ = Task.Run(WriteQueuedAsync, CancellationToken.None);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask<bool> TryAddAsync(string key, ReadOnlyMemory<byte> value, TimeSpan timeToLive, CancellationToken cancellationToken)
    {
        TierLimits.CheckKey(key);
        TierLimits.CheckTimeToLive(timeToLive);
        if (value.Length > _options.MaxValueBytes)
        {
            _counters.Count(TierEvent.TooLarge);
            throw new SharedTierException($"A value of {value.Length} bytes is too large for the shared tier; the limit is {_options.MaxValueBytes} bytes.");
        }

        return await ChangeAsync(token => _inner.TryAddAsync(key, value, timeToLive, token), cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DeleteAsync(string key, CancellationToken cancellationToken)
    {
        TierLimits.CheckKey(key);

        // A write that is already in flight may still follow the delete, as in any tier.
        lock (_gate)
            _queue.Remove(key);
        await ChangeAsync(
            async token =>
            {
                await _inner.DeleteAsync(key, token);
                return true;
            },
            cancellationToken);
    }

    /// <summary>Drops the queued writes and closes the tier, without waiting for calls in flight.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            _counters.Count(TierEvent.DroppedWrite, _queue.Clear());
        }

        (_inner as IDisposable)?.Dispose();
    }

    private async ValueTask<T> ReadAsync<T>(Func<CancellationToken, ValueTask<T>> read, string key, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfDisposed();
        if (Interlocked.Increment(ref _readsInFlight) > _options.MaxReads)
        {
            Interlocked.Decrement(ref _readsInFlight);
            throw Refuse("too many reads are in flight");
        }

        var admission = _reads.Enter();
        if (admission == TierAdmission.Sent)
            return await CallAsync(ReadAndReleaseAsync, _reads, admission, cancellationToken);

        Interlocked.Decrement(ref _readsInFlight);
        if (admission == TierAdmission.Probe)
            _ = Task.Run(() => ProbeAsync(key), CancellationToken.None);
        throw Refuse("it did not respond recently");

        async ValueTask<T> ReadAndReleaseAsync(CancellationToken token)
        {
            try
            {
                return await read(token);
            }
            finally
            {
                Interlocked.Decrement(ref _readsInFlight);
            }
        }
    }

    private async Task ProbeAsync(string key)
    {
        try
        {
            await LimitAsync(token => _inner.GetAsync(key, token), _reads, TierAdmission.Probe);
        }
        catch (SharedTierException)
        {
            // The circuit stays open for another break.
        }
    }

    private async ValueTask<T> ChangeAsync<T>(Func<CancellationToken, ValueTask<T>> change, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfDisposed();
        var admission = _writes.Enter();
        if (admission == TierAdmission.Refused)
            throw Refuse("it did not accept the last writes");
        return await CallAsync(change, _writes, admission, cancellationToken);
    }

    /// <summary>Writes what is queued until nothing is.</summary>
    private async Task WriteQueuedAsync()
    {
        while (true)
        {
            QueuedWrite? write;
            lock (_gate)
            {
                write = _queue.Take();
                if (write is null)
                {
                    // Under the same lock in which a write is added, so that the next one starts a writer.
                    _writers--;
                    return;
                }
            }

            var admission = _writes.Enter();
            if (admission == TierAdmission.Refused)
            {
                _counters.Count(TierEvent.DroppedWrite);
                continue;
            }

            try
            {
                await LimitAsync(
                    async token =>
                    {
                        await _inner.SetAsync(write.Key, write.Value, write.TimeToLive, token);
                        return true;
                    },
                    _writes,
                    admission);
                _counters.Count(TierEvent.Write);
            }
            catch (SharedTierException)
            {
                // Counted. The value is in Cosmos DB, so nothing is lost.
            }
        }
    }

    /// <summary>Starts a call, and waits for it as long as the caller does. The call itself runs to its end or to its limit.</summary>
    private async ValueTask<T> CallAsync<T>(
        Func<CancellationToken, ValueTask<T>> call, TierCircuit circuit, TierAdmission admission, CancellationToken cancellationToken)
    {
        var running = LimitAsync(call, circuit, admission);
        try
        {
            return await running.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (!running.IsCompleted)
        {
            _ = running.ContinueWith(
                static task => task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            throw;
        }
    }

    private async Task<T> LimitAsync<T>(Func<CancellationToken, ValueTask<T>> call, TierCircuit circuit, TierAdmission admission)
    {
        using var limit = new CancellationTokenSource(_options.Timeout, _time);
        var hasSucceeded = false;
        try
        {
            var result = await call(limit.Token);
            hasSucceeded = true;
            return result;
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            _counters.Count(TierEvent.Timeout);
            throw new SharedTierException("The shared tier did not respond in time.");
        }
        catch (Exception cause)
        {
            // Also what an inner tier must not throw: it would end a writer, and its place would be lost.
            _counters.Count(TierEvent.Failure);
            if (cause is SharedTierException)
                throw;
            throw new SharedTierException($"The shared tier failed: {cause.GetType().Name}.");
        }
        finally
        {
            // In all cases, because a probe without an outcome would keep the circuit open for good.
            var hasChanged = hasSucceeded ? circuit.Succeeded(admission) : circuit.Failed(admission);
            if (hasChanged && circuit == _reads && !_isDisposed)
                _options.ReadsChanged?.Invoke(hasSucceeded);
        }
    }

    private SharedTierException Refuse(string reason)
    {
        _counters.Count(TierEvent.Refused);
        return new SharedTierException($"The shared tier is not used at the moment: {reason}.");
    }

    private void ThrowIfDisposed()
    {
        if (_isDisposed)
            throw new SharedTierException("The shared tier is closed.");
    }
}
