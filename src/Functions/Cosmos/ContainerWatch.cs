using Microsoft.Azure.Cosmos;

namespace Lookup.Functions.Cosmos;

/// <summary>
/// A request handler that observes the identity of the container in responses. <see cref="CosmosConnection"/> compares the identities, and
/// so detects that the container was deleted and recreated under the same name. In gateway mode, the SDK does not detect this: it continues
/// to use positions of the old feed for the new one, in which LSNs have restarted.
/// </summary>
/// <remarks>
/// An identity is compared only with those in earlier responses to the same kind of request. Cosmos DB chooses the identity that each kind
/// reports, and only a change of that identity is significant.
/// </remarks>
/// <param name="seen">Receives the container's identity from each response that contains it, and the kind of the request.</param>
internal sealed class ContainerWatch(Action<ContainerWatch.Kind, string> seen) : RequestHandler
{
    internal enum Kind
    {
        Item,
        Feed,

        /// <summary>The definition of the container, which is read by <see cref="Containers.ContainerCheck"/>.</summary>
        Definition,
    }

    public override async Task<ResponseMessage> SendAsync(RequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        if (KindOf(request) is { } kind && response.Headers["x-ms-content-path"] is { Length: > 0 } identity)
            seen(kind, identity);
        return response;
    }

    /// <summary>
    /// Gets the kind of a request, or <see langword="null"/> if its response is not observed. Queries are excluded: plans and pages, from
    /// the gateway and from a range, do not necessarily report the same identity.
    /// </summary>
    private static Kind? KindOf(RequestMessage request)
    {
        if (request.RequestUri.OriginalString.Contains("/docs/", StringComparison.Ordinal))
            return Kind.Item;
        return request.Headers["A-IM"] is not null ? Kind.Feed : null;
    }
}
