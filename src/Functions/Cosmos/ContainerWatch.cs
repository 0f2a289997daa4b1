using Microsoft.Azure.Cosmos;

namespace Lookup.Functions.Cosmos;

/// <summary>
/// Notices when the container was deleted and made anew under its name. The client does not in gateway mode: it goes on, and reads a
/// feed whose numbers have begun again with positions of the old one.
/// </summary>
/// <param name="seen">Hears the container's own identity from every answer that says it.</param>
internal sealed class ContainerWatch(Action<string> seen) : RequestHandler
{
    public override async Task<ResponseMessage> SendAsync(RequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        if (request.RequestUri.OriginalString.Contains("/docs", StringComparison.Ordinal)
            && response.Headers["x-ms-content-path"] is { Length: > 0 } identity)
        {
            seen(identity);
        }

        return response;
    }
}
