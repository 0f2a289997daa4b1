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
/// The part of the Functions host that callers reach. It routes HTTP requests to functions and hands them to the app, with the same
/// server, router and forwarder as the host (Kestrel, ASP.NET Core, YARP), so that a path is decoded and encoded as it is there.
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
    /// <param name="app">The app, whose host.json says what is done with requests.</param>
    /// <param name="port">The app's port.</param>
    /// <param name="knowsProxying">Whether the host is one that has <c>enableProxyingHttpRequest</c>; an older one does not see it.</param>
    /// <param name="asksForKeys">Whether it asks for <see cref="FunctionKey"/>, or <see cref="MasterKey"/>, where a function's level says so.</param>
    public static async Task<HostFront> StartAsync(PublishedApp app, int port, bool knowsProxying = true, bool asksForKeys = false)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddRouting(); // with the constraint regex, as on the host
        builder.Services.AddHttpForwarder();
        var host = builder.Build();
        var front = new HostFront(host, port, knowsProxying ? "4.1040.300" : "4.1037.0");

        // The host's router sees a method that a function does not list as no match.
        host.Use(async (context, next) =>
        {
            await next();
            if (context.GetEndpoint()?.Metadata.GetMetadata<FunctionFolder>() is null)
                context.Response.StatusCode = StatusCodes.Status404NotFound;
        });

        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(app.Root, "host.json"), Cancel.Token));
        var settings = json.RootElement.GetProperty("customHandler");
        foreach (var function in app.Functions.Where(function => function.IsHttp))
        {
            RequestDelegate invoke = knowsProxying && IsOn("enableProxyingHttpRequest") ? front.ProxyAsync
                : IsOn("enableForwardingHttpRequest") ? front.ForwardAsync
                : context => front.PostAsync(function, context);
            host.MapMethods($"/api/{function.Route}", function.Methods, asksForKeys ? context => CheckAsync(function, context, invoke) : invoke).WithMetadata(function);
        }

        await host.StartAsync(Cancel.Token);
        return front;

        bool IsOn(string name) => settings.TryGetProperty(name, out var value) && value.GetBoolean();
    }

    /// <summary>Calls the host, with the path byte for byte as it is given; everything below <c>/api/</c>.</summary>
    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? body = null, params (string Name, string Value)[] headers) =>
        SendAsync(method, path, body is null ? null : new StringContent(body, Encoding.UTF8, "application/json"), headers);

    /// <inheritdoc cref="SendAsync(HttpMethod, string, string?, ValueTuple{string, string}[])"/>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? body, params (string Name, string Value)[] headers)
    {
        // A Uri that is made in the usual way turns %41 into A, and a backslash into a slash, before anything is sent.
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

    /// <summary>Passes a request on as a proxying host does. YARP encodes the path that the server has decoded.</summary>
    private async Task ProxyAsync(HttpContext context)
    {
        context.Request.Headers["X-Azure-Functions-HostVersion"] = _version;
        context.Request.Headers["X-Azure-Functions-InvocationId"] = Guid.NewGuid().ToString();
        await _forwarder.SendAsync(context, _handler, _toHandler);
    }

    /// <summary>Passes a request on as a forwarding host does. The path that the server has decoded is taken for one that is still encoded.</summary>
    private async Task ForwardAsync(HttpContext context)
    {
        var path = new Uri(context.Request.GetDisplayUrl()).AbsolutePath;
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), new UriBuilder(_handler) { Path = path }.Uri);
        await CopyAsync(request, context, passStatus: true);
    }

    /// <summary>Passes a request on as a host does that neither proxies nor forwards: it posts a description of the request, and any answer but a success is a failure.</summary>
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
