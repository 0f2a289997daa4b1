using System.Net.Sockets;
using Lookup.Domain.SharedTier;

namespace Lookup.Functions.SharedTier.Memcached;

/// <summary>A connection to memcached that is opened when it is needed, and opened again after a pause when it is lost.</summary>
internal sealed class MemcachedConnection(string host, int port, TimeProvider time) : IDisposable
{
    /// <summary>The time from one attempt to connect to the next, as for Redis. Calls in between fail at once.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromMilliseconds(500);

    private readonly Lock _gate = new();
    private Task<MemcachedSession>? _session;
    private long _attemptedAt;
    private bool _isDisposed;

    /// <summary>Sends a command, and waits for its reply. While there is no connection, it waits for the attempt that is under way, or fails.</summary>
    /// <exception cref="SharedTierException">The server cannot be reached, or did not execute the command.</exception>
    public async Task<MetaReply> SendAsync(MetaRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var session = Current();
        var reply = (session.IsCompletedSuccessfully ? session.Result : await session.WaitAsync(cancellationToken)).SendAsync(request);
        return await reply.WaitAsync(cancellationToken);
    }

    public void Dispose()
    {
        Task<MemcachedSession>? session;
        lock (_gate)
        {
            _isDisposed = true;
            session = _session;
        }

        // An attempt that is still under way ends by its timeout, and its session is closed then.
        _ = session?.ContinueWith(
            static opened => opened.Result.Dispose(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
    }

    private Task<MemcachedSession> Current()
    {
        lock (_gate)
        {
            if (_isDisposed)
                throw new SharedTierException("The connection to memcached is closed.");

            if (_session is { IsCompleted: false } or { IsCompletedSuccessfully: true, Result.IsOpen: true })
                return _session;
            if (_session is not null && time.GetElapsedTime(_attemptedAt) < Pause)
                throw new SharedTierException("There is no connection to memcached.");

            _attemptedAt = time.GetTimestamp();
            _session = OpenAsync();

            // The callers may have given up when it fails.
            _ = _session.ContinueWith(
                static failed => failed.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            return _session;
        }
    }

    private async Task<MemcachedSession> OpenAsync()
    {
        // Never under the lock of the caller, and never on its time: resolving a name can block.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            // A firewall that forgets an idle connection is noticed before the next command needs it.
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 30);
            using var timeout = new CancellationTokenSource(ConnectTimeout, time);
            await socket.ConnectAsync(host, port, timeout.Token);
            return new MemcachedSession(socket, time);
        }
        catch (Exception cause) when (cause is SocketException or OperationCanceledException)
        {
            socket.Dispose();
            throw new SharedTierException(
                cause is SocketException { SocketErrorCode: var reason }
                    ? $"There is no connection to memcached: {reason}."
                    : "There is no connection to memcached: it did not accept one in time.");
        }
    }
}
