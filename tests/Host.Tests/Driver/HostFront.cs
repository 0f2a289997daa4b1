using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Lookup.Host.Tests.Driver;

/// <summary>
/// The part of the Functions host that clients reach. It routes HTTP requests to functions with the same server and router as the host
/// (Kestrel, ASP.NET Core), so that a path is decoded as on the host.
/// </summary>
internal sealed class HostFront : IAsyncDisposable
{
    public const string FunctionKey = "function-key-of-the-host";
    public const string MasterKey = "master-key-of-the-host";

    private readonly WebApplication _host;
    private readonly HttpClient _caller = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { Timeout = Eventually.Limit };

    private HostFront(WebApplication host) => _host = host;

    public Uri Address => new(_host.Urls.Single());

    /// <summary>Starts the front of a host.</summary>
    /// <param name="functions">The functions of the app.</param>
    /// <param name="invoke">Invokes a function.</param>
    /// <param name="asksForKeys">True to require <see cref="FunctionKey"/> or <see cref="MasterKey"/> as each function's level specifies.</param>
    public static async Task<HostFront> StartAsync(
        IEnumerable<FunctionFolder> functions, Func<FunctionFolder, HttpContext, Task> invoke, bool asksForKeys = false)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddRouting(); // with the constraint regex, as on the host
        builder.Services.AddHttpForwarder();
        var host = builder.Build();

        // The host's router treats a method that a function does not list as no match.
        host.Use(async (context, next) =>
        {
            await next();
            if (context.GetEndpoint()?.Metadata.GetMetadata<FunctionFolder>() is null)
                context.Response.StatusCode = StatusCodes.Status404NotFound;
        });

        foreach (var function in functions.Where(function => function.IsHttp))
        {
            RequestDelegate run = context => invoke(function, context);
            host.MapMethods($"/api/{function.Route}", function.Methods, asksForKeys ? context => CheckAsync(function, context, run) : run).WithMetadata(function);
        }

        await host.StartAsync(Cancel.Token);
        return new HostFront(host);
    }

    /// <summary>Sends a request to the host. The path below <c>/api/</c> is sent byte for byte as specified.</summary>
    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? body = null, params (string Name, string Value)[] headers) =>
        SendAsync(method, path, body is null ? null : new StringContent(body, Encoding.UTF8, "application/json"), headers);

    /// <inheritdoc cref="SendAsync(HttpMethod, string, string?, ValueTuple{string, string}[])"/>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? body, params (string Name, string Value)[] headers)
    {
        // By default, Uri converts %41 to A, and a backslash to a slash, before the request is sent.
        var address = new Uri($"{_host.Urls.Single()}/api/{path}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var request = new HttpRequestMessage(method, address) { Content = body };
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return await _caller.SendAsync(request, Cancel.Token);
    }

    public async ValueTask DisposeAsync()
    {
        _caller.Dispose();
        await _host.DisposeAsync();
    }

    private static Task CheckAsync(FunctionFolder function, HttpContext context, RequestDelegate invoke)
    {
        var key = context.Request.Headers["x-functions-key"].ToString();
        if (function.AuthLevel == "anonymous" || key == MasterKey || (function.AuthLevel == "function" && key == FunctionKey))
            return invoke(context);

        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        return Task.CompletedTask;
    }
}
