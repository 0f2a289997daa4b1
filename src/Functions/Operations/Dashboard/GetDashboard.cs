namespace Lookup.Functions.Operations.Dashboard;

/// <summary><c>GET /api/dashboard</c>: a page for administrators that displays the statistics of <c>/api/stats</c>.</summary>
/// <remarks>A browser sends the key as <c>?code=…</c>. The page removes it from the address, and sends it as a header.</remarks>
internal sealed class GetDashboard(DashboardPage page)
{
    public Task RunAsync(HttpContext context)
    {
        var response = context.Response;
        response.ContentType = "text/html; charset=utf-8";
        response.ContentLength = page.Html.Length;
        response.Headers.CacheControl = "no-store"; // the address contains a key
        response.Headers.ContentSecurityPolicy = page.Policy;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers["Cross-Origin-Opener-Policy"] = "same-origin";
        response.Headers["Cross-Origin-Resource-Policy"] = "same-origin";
        return response.BodyWriter.WriteAsync(page.Html, context.RequestAborted).AsTask();
    }
}
