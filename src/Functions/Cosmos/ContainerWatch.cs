using Microsoft.Azure.Cosmos;

namespace Lookup.Functions.Cosmos;

/// <summary>
/// Notices when the container was deleted and made anew under its name. The client does not in gateway mode: it goes on, and reads a
/// feed whose numbers have begun again with positions of the old one.
/// </summary>
/// <remarks>
/// Answers are compared with earlier answers to the same kind of request only: what identity a kind tells is the service's choice,
/// and only that it has changed means something.
/// </remarks>
/// <param name="seen">Hears the container's own identity from every answer that says it, and which kind of request that was.</param>
internal sealed class ContainerWatch(Action<ContainerWatch.Kind, string> seen) : RequestHandler
{
    internal enum Kind
    {
        Item,
        Feed,
    }

    public override async Task<ResponseMessage> SendAsync(RequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        if (KindOf(request) is { } kind && response.Headers["x-ms-content-path"] is { Length: > 0 } identity)
            seen(kind, identity);
        return response;
    }

    /// <summary>Queries are left out: plans and pages, from the gateway and from a range, need not say the same.</summary>
    private static Kind? KindOf(RequestMessage request)
    {
        if (request.RequestUri.OriginalString.Contains("/docs/", StringComparison.Ordinal))
            return Kind.Item;
        return request.Headers["A-IM"] is not null ? Kind.Feed : null;
    }
}
