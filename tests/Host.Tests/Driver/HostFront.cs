using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Forwarder;

namespace Lookup.Host.Tests.Driver;

/// <summary>
/// The part of the Functions host that clients reach. It routes HTTP requests to functions and passes them to the app, with the same
/// server, router and forwarder as the host (Kestrel, ASP.NET Core, YARP), so that a path is decoded and encoded as on the host.
/// </summary>
/// <remarks>Written after <c>DefaultHttpWorkerService</c> and <c>DefaultHttpProxyService</c> of Azure/azure-functions-host.</remarks>
internal sealed class HostFront : IAsyncDisposable
{
    public const string FunctionKey = "function-key-of-the-host";
    public const string MasterKey = "master-key-of-the-host";

    private readonly WebApplication _host;
    private readonly IHttpForwarder _forwarder;
    private readonly string _handler;
    private readonly string _version;
    private readonly HttpMessageInvoker _toHandler = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
    private readonly HttpClient _caller = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { Timeout = TimeSpan.FromSeconds(90) };

    private HostFront(WebApplication host, int port, string version)
    {
        (_host, _handler, _version) = (host, $"http://127.0.0.1:{port}/", version);
        _forwarder = host.Services.GetRequiredService<IHttpForwarder>();
    }

    /// <summary>Starts the front of a host.</summary>
    /// <param name="app">The app, whose settings specify how requests are passed on.</param>
    /// <param name="port">The app's port.</param>
    /// <param name="knowsProxying">True for a host that supports <c>enableProxyingHttpRequest</c>; an older one ignores it.</param>
    /// <param name="asksForKeys">True to require <see cref="FunctionKey"/> or <see cref="MasterKey"/> as each function's level specifies.</param>
    public static async Task<HostFront> StartAsync(PublishedApp app, int port, bool knowsProxying = true, bool asksForKeys = false)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddRouting(); // with the constraint regex, as on the host
        builder.Services.AddHttpForwarder();
        var host = builder.Build();
        var front = new HostFront(host, port, knowsProxying ? "4.1040.300" : "4.1037.0");

        // The host's router treats a method that a function does not list as no match.
        host.Use(async (context, next) =>
        {
            await next();
            if (context.GetEndpoint()?.Metadata.GetMetadata<FunctionFolder>() is null)
                context.Response.StatusCode = StatusCodes.Status404NotFound;
        });

        var settings = CustomHandlerSettings.Read(app);
        foreach (var function in app.Functions.Where(function => function.IsHttp))
        {
            RequestDelegate invoke = knowsProxying && IsOn("enableProxyingHttpRequest") ? front.ProxyAsync
                : IsOn("enableForwardingHttpRequest") ? front.ForwardAsync
                : context => front.PostAsync(function, context);
            host.MapMethods($"/api/{function.Route}", function.Methods, asksForKeys ? context => CheckAsync(function, context, invoke) : invoke).WithMetadata(function);
        }

        await host.StartAsync(Cancel.Token);
        return front;

        bool IsOn(string name) => settings[name] == "true";
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
        _toHandler.Dispose();
    }

    private static Task CheckAsync(FunctionFolder function, HttpContext context, RequestDelegate invoke)
    {
        var key = context.Request.Headers["x-functions-key"].ToString();
        if (function.AuthLevel == "anonymous" || key == MasterKey || (function.AuthLevel == "function" && key == FunctionKey))
            return invoke(context);

        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        return Task.CompletedTask;
    }

    /// <summary>Passes a request on like a host that proxies. YARP encodes the path that the server has decoded.</summary>
    private async Task ProxyAsync(HttpContext context)
    {
        context.Request.Headers["X-Azure-Functions-HostVersion"] = _version;
        context.Request.Headers["X-Azure-Functions-InvocationId"] = Guid.NewGuid().ToString();
        await _forwarder.SendAsync(context, _handler, _toHandler);
    }

    /// <summary>Passes a request on like a host that forwards. The path that the server has decoded is treated as still encoded.</summary>
    private async Task ForwardAsync(HttpContext context)
    {
        var path = new Uri(context.Request.GetDisplayUrl()).AbsolutePath;
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), new UriBuilder(_handler) { Path = path }.Uri);
        await CopyAsync(request, context, passStatus: true);
    }

    /// <summary>
    /// Passes a request on like a host that neither proxies nor forwards: it posts a description of the request, and treats any response
    /// other than a success as a failure.
    /// </summary>
    private async Task PostAsync(FunctionFolder function, HttpContext context)
    {
        var payload = new { Data = new { req = new { Url = context.Request.GetDisplayUrl(), context.Request.Method } }, Metadata = new { } };
        using var request = new HttpRequestMessage(HttpMethod.Post, _handler + function.Name);
        request.Content = new StringContent(JsonSerializer.Serialize(payload), Encoding.UTF8, "application/json");
        await CopyAsync(request, context, passStatus: false);
    }

    private async Task CopyAsync(HttpRequestMessage request, HttpContext context, bool passStatus)
    {
        request.Headers.Add("X-Azure-Functions-HostVersion", _version);
        request.Headers.Add("X-Azure-Functions-InvocationId", Guid.NewGuid().ToString());
        using var response = await _toHandler.SendAsync(request, context.RequestAborted);
        if (passStatus)
        {
            context.Response.StatusCode = (int)response.StatusCode;
            await response.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
        }
        else
        {
            context.Response.StatusCode = response.IsSuccessStatusCode ? StatusCodes.Status200OK : StatusCodes.Status500InternalServerError;
        }
    }
}
