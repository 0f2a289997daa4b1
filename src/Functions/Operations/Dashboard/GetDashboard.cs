namespace Lookup.Functions.Operations.Dashboard;

/// <summary><c>GET /api/dashboard</c>: a page for administrators that draws what <c>/api/stats</c> says.</summary>
/// <remarks>A browser brings the key as <c>?code=…</c>. The page takes it from its address, and sends it on as a header.</remarks>
internal sealed class GetDashboard(DashboardPage page)
{
    public Task RunAsync(HttpContext context)
    {
        var response = context.Response;
        response.ContentType = "text/html; charset=utf-8";
        response.ContentLength = page.Html.Length;
        response.Headers.CacheControl = "no-store"; // its address has a key in it
        response.Headers.ContentSecurityPolicy = page.Policy;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers["Cross-Origin-Opener-Policy"] = "same-origin";
        response.Headers["Cross-Origin-Resource-Policy"] = "same-origin";
        return response.BodyWriter.WriteAsync(page.Html, context.RequestAborted).AsTask();
    }
}
