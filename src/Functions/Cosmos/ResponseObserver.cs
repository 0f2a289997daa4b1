using Microsoft.Azure.Cosmos;

namespace Lookup.Functions.Cosmos;

/// <summary>
/// A request handler that reports each response of the store to the listener in the options of its request. The result that the SDK returns
/// does not represent all of them: a read of several users and a page of the change feed have no log sequence number, and a poll of several
/// parts hides the failure of one.
/// </summary>
internal sealed class ResponseObserver : RequestHandler
{
    /// <summary>
    /// The name of the property of the request options that holds the listener. The SDK passes properties that are objects to the handlers,
    /// and converts strings to headers.
    /// </summary>
    private const string Property = "lookup.listener";

    /// <summary>Creates the properties of a request whose responses a listener receives.</summary>
    public static IReadOnlyDictionary<string, object> PropertiesFor(IResponseListener listener) =>
        new Dictionary<string, object> { [Property] = listener };

    public override async Task<ResponseMessage> SendAsync(RequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        if (request.Properties.TryGetValue(Property, out var property) && property is IResponseListener listener)
            listener.Note(response);
        return response;
    }
}

/// <summary>A receiver of the responses of the store to one request. Responses can arrive concurrently.</summary>
internal interface IResponseListener
{
    void Note(ResponseMessage response);
}
