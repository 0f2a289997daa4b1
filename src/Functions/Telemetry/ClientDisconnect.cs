using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Lookup.Functions.Telemetry;

/// <summary>
/// The distinction between a failure of the service and the end of a connection by its client, which is not an error, whatever the client
/// was doing: sending a body, waiting, or receiving the response.
/// </summary>
internal static class ClientDisconnect
{
    /// <summary>Determines whether the client has disconnected, as far as the server has noticed it.</summary>
    public static bool HasOccurred(HttpContext context) =>
        context.RequestAborted.IsCancellationRequested
        || context.Features.Get<IConnectionLifetimeFeature>()?.ConnectionClosed.IsCancellationRequested == true;

    /// <summary>Determines whether an exception other than a <see cref="BadHttpRequestException"/> is the consequence of a disconnect.</summary>
    /// <remarks>
    /// The server can fail a read or a write before it signals that the request was aborted, so the exceptions of the connection count without
    /// that signal. Failures of the store are never among them: each is a <see cref="Lookup.Domain.Stores.UserStoreException"/>.
    /// </remarks>
    public static bool IsCauseOf(Exception exception, HttpContext context) =>
        exception is not BadHttpRequestException
        && (IsOfConnection(exception) || (exception is OperationCanceledException or IOException or ObjectDisposedException && HasOccurred(context)));

    private static bool IsOfConnection(Exception? exception) => exception switch
    {
        ConnectionResetException or ConnectionAbortedException => true,
        OperationCanceledException or IOException => exception.InnerException is SocketException || IsOfConnection(exception.InnerException),
        _ => false,
    };
}
