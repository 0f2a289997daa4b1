using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Lookup.Functions.Http;

/// <summary>A transport that has at most a given number of connections open. Any other is closed before the next one is accepted.</summary>
/// <remarks>
/// The server's own limit closes a connection on another thread after it was accepted. In a burst, thousands of connections that are about to
/// be closed would take all handles of the process, which the runtime does not survive. Here, an accepted connection above the limit is closed
/// first, so that there is only one of them at a time.
/// </remarks>
/// <param name="inner">The transport.</param>
/// <param name="max">The maximum number of open connections of all listeners together.</param>
internal sealed class BoundedListenerFactory(IConnectionListenerFactory inner, int max) : IConnectionListenerFactory
{
    private int _open;

    /// <summary>Replaces the transport of the server by the one for sockets with a limit.</summary>
    public static void AddTo(IServiceCollection services, int max)
    {
        services.RemoveAll<IConnectionListenerFactory>();
        services.AddSingleton<IConnectionListenerFactory>(provider => new BoundedListenerFactory(
            new SocketTransportFactory(provider.GetRequiredService<IOptions<SocketTransportOptions>>(), provider.GetRequiredService<ILoggerFactory>()), max));
    }

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        new Listener(await inner.BindAsync(endpoint, cancellationToken), this);

    private bool TryOpen()
    {
        if (Interlocked.Increment(ref _open) <= max)
            return true;

        Interlocked.Decrement(ref _open);
        return false;
    }

    private void Closed() => Interlocked.Decrement(ref _open);

    private sealed class Listener(IConnectionListener inner, BoundedListenerFactory factory) : IConnectionListener
    {
        public EndPoint EndPoint => inner.EndPoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            while (await inner.AcceptAsync(cancellationToken) is { } connection)
            {
                if (factory.TryOpen())
                    return new OpenConnection(connection, factory);

                connection.Abort(new ConnectionAbortedException("There are too many connections."));
                await connection.DisposeAsync();
            }

            return null;
        }

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default) => inner.UnbindAsync(cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }

    /// <summary>A connection that is counted until its handle is closed.</summary>
    private sealed class OpenConnection(ConnectionContext inner, BoundedListenerFactory factory) : ConnectionContext
    {
        private int _isClosed;

        public override string ConnectionId
        {
            get => inner.ConnectionId;
            set => inner.ConnectionId = value;
        }

        public override IFeatureCollection Features => inner.Features;

        public override IDictionary<object, object?> Items
        {
            get => inner.Items;
            set => inner.Items = value;
        }

        public override IDuplexPipe Transport
        {
            get => inner.Transport;
            set => inner.Transport = value;
        }

        public override CancellationToken ConnectionClosed
        {
            get => inner.ConnectionClosed;
            set => inner.ConnectionClosed = value;
        }

        public override EndPoint? LocalEndPoint
        {
            get => inner.LocalEndPoint;
            set => inner.LocalEndPoint = value;
        }

        public override EndPoint? RemoteEndPoint
        {
            get => inner.RemoteEndPoint;
            set => inner.RemoteEndPoint = value;
        }

        public override void Abort() => inner.Abort();

        public override void Abort(ConnectionAbortedException abortReason) => inner.Abort(abortReason);

        public override async ValueTask DisposeAsync()
        {
            await inner.DisposeAsync();
            await base.DisposeAsync();
            if (Interlocked.Exchange(ref _isClosed, 1) == 0)
                factory.Closed();
        }
    }
}
