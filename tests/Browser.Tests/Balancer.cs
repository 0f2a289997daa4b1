using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Lookup.Browser.Tests;

/// <summary>A round-robin load balancer in front of the instances. Without instances, it aborts the connection.</summary>
internal sealed class Balancer : IAsyncDisposable
{
    private readonly HttpClient _client = new();
    private readonly WebApplication _app;
    private volatile Uri[] _instances = [];
    private int _turn;

    private Balancer()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.Urls.Add("http://127.0.0.1:0");
        _app.Run(ForwardAsync);
    }

    public Uri Address => new(_app.Urls.Single());

    public static async Task<Balancer> StartAsync(params Uri[] instances)
    {
        var balancer = new Balancer { _instances = instances };
        await balancer._app.StartAsync(Cancel.Token);
        return balancer;
    }

    public void Use(params Uri[] instances) => _instances = instances;

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _client.Dispose();
    }

    private async Task ForwardAsync(HttpContext context)
    {
        var instances = _instances;
        if (instances.Length == 0)
        {
            context.Abort();
            return;
        }

        var instance = instances[Interlocked.Increment(ref _turn) % instances.Length];
        using var response = await _client.GetAsync(new Uri(instance, context.Request.Path + context.Request.QueryString), context.RequestAborted);
        context.Response.StatusCode = (int)response.StatusCode;
        foreach (var header in response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated).Where(header => header.Key != "Transfer-Encoding"))
            context.Response.Headers[header.Key] = header.Value.ToString();
        await response.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }
}
