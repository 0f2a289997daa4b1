using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.Extensions.DependencyInjection;
using Yarp.ReverseProxy.Forwarder;

namespace Lookup.Host.Tests.Driver;

/// <summary>The requests that the Functions host sends to a custom handler, with the same forwarder as the host (YARP).</summary>
/// <remarks>Written after <c>DefaultHttpWorkerService</c> and <c>DefaultHttpProxyService</c> of Azure/azure-functions-host.</remarks>
internal sealed class HandlerCalls
{
    private static readonly HttpMessageInvoker ToHandler = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });

    private readonly string _handler;
    private readonly string _version;

    private HandlerCalls(int port, string version) => (_handler, _version) = ($"http://127.0.0.1:{port}/", version);

    /// <summary>Starts the front of a host that calls a custom handler.</summary>
    /// <param name="app">The app, whose settings specify how requests are passed on.</param>
    /// <param name="port">The app's port.</param>
    /// <param name="knowsProxying">True for a host that supports <c>enableProxyingHttpRequest</c>; an older one ignores it.</param>
    /// <param name="asksForKeys">True to require keys.</param>
    public static Task<HostFront> StartFrontAsync(PublishedApp app, int port, bool knowsProxying = true, bool asksForKeys = false)
    {
        var settings = CustomHandlerSettings.Read(app);
        var calls = new HandlerCalls(port, knowsProxying ? "4.1040.300" : "4.1037.0");
        return HostFront.StartAsync(
            app.Functions,
            (function, context) => knowsProxying && IsOn("enableProxyingHttpRequest") ? calls.ProxyAsync(context)
                : IsOn("enableForwardingHttpRequest") ? calls.ForwardAsync(context)
                : calls.PostAsync(function, context),
            asksForKeys);

        bool IsOn(string name) => settings[name] == "true";
    }

    /// <summary>Passes a request on like a host that proxies. YARP encodes the path that the server has decoded.</summary>
    private async Task ProxyAsync(HttpContext context)
    {
        context.Request.Headers["X-Azure-Functions-HostVersion"] = _version;
        context.Request.Headers["X-Azure-Functions-InvocationId"] = Guid.NewGuid().ToString();
        await context.RequestServices.GetRequiredService<IHttpForwarder>().SendAsync(context, _handler, ToHandler);
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
        using var response = await ToHandler.SendAsync(request, context.RequestAborted);
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
