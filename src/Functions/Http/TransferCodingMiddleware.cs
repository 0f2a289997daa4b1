namespace Lookup.Functions.Http;

/// <summary>
/// Refuses a transfer coding other than <c>chunked</c> alone. The server takes any list that ends with it; another server on the way may see another
/// end of the body, and with it another request (RFC 9112 §6.1, §11.2).
/// </summary>
internal sealed class TransferCodingMiddleware(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        // In HTTP/1.0 there is no transfer coding; the framing of such a request is faulty (§6.1).
        var codings = context.Request.Headers.TransferEncoding;
        if (codings.Count == 0 || (codings is [{ } coding] && coding.Equals("chunked", StringComparison.OrdinalIgnoreCase) && !HttpProtocol.IsHttp10(context.Request.Protocol)))
            return next(context);

        context.Response.Headers.Connection = "close";
        return ProblemWriter.WriteAsync(context, ProblemKind.BadRequest, "The only transfer coding is chunked, and once.");
    }
}
