using System.Collections.Concurrent;
using Lookup.Domain.SharedTier;

namespace Lookup.Functions.Tests.SharedTier;

/// <summary>A tier whose calls a test lets through, fails or holds.</summary>
internal sealed class GatedTier : ISharedTier, IDisposable
{
    private readonly ConcurrentQueue<string> _calls = new();
    private readonly SemaphoreSlim _arrived = new(0);
    private volatile TaskCompletionSource _gate = Opened();

    /// <summary>Gets or sets the exception with which calls fail.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Gets or sets the value that reads return.</summary>
    public ReadOnlyMemory<byte>? Value { get; set; }

    public bool IsDisposed { get; private set; }

    /// <summary>Gets the calls that have arrived: the operation, and for a write its key and the length of its value.</summary>
    public IReadOnlyList<string> Calls => [.. _calls];

    /// <summary>Holds the calls from now on.</summary>
    public void Hold() => _gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Lets the calls that are held, and those to come, go on.</summary>
    public void Release() => _gate.TrySetResult();

    /// <summary>Waits for a call that has arrived and has not been waited for.</summary>
    public Task ArrivedAsync() => _arrived.WaitAsync(TestContext.Current.CancellationToken);

    public async ValueTask<ReadOnlyMemory<byte>?> GetAsync(string key, CancellationToken cancellationToken)
    {
        await PassAsync("get", cancellationToken);
        return Value;
    }

    public async ValueTask<IReadOnlyList<ReadOnlyMemory<byte>?>> GetManyAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        await PassAsync("get many", cancellationToken);
        return [.. keys.Select((_, i) => i % 2 == 0 ? Value : null)];
    }

    public async ValueTask SetAsync(string key, ReadOnlyMemory<byte> value, TimeSpan timeToLive, CancellationToken cancellationToken) =>
        await PassAsync($"set {key} {value.Length}", cancellationToken);

    public async ValueTask<bool> TryAddAsync(string key, ReadOnlyMemory<byte> value, TimeSpan timeToLive, CancellationToken cancellationToken)
    {
        await PassAsync("add", cancellationToken);
        return true;
    }

    public async ValueTask DeleteAsync(string key, CancellationToken cancellationToken) => await PassAsync("delete", cancellationToken);

    public void Dispose() => IsDisposed = true;

    private static TaskCompletionSource Opened()
    {
        var source = new TaskCompletionSource();
        source.SetResult();
        return source;
    }

    private async Task PassAsync(string call, CancellationToken cancellationToken)
    {
        var gate = _gate;
        _calls.Enqueue(call);
        _arrived.Release();
        await gate.Task.WaitAsync(cancellationToken);
        if (Failure is { } failure)
            throw failure;
    }
}
