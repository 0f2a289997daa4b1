using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Azure.Functions.Worker.Http;

namespace Lookup.Functions.Hosting.IsolatedWorker;

/// <summary>
/// The server of the isolated worker: it runs the ASP.NET Core pipeline for each invocation of an HTTP function, which the Functions host
/// sends by gRPC, and listens on no socket.
/// </summary>
internal sealed class WorkerServer : IServer
{
    /// <summary>The time for the last responses to leave the process by gRPC. The SDK does not report when it has sent them.</summary>
    private static readonly TimeSpan Flush = TimeSpan.FromMilliseconds(200);

    private readonly TimeProvider _time;
    private readonly TaskCompletionSource<Func<WorkerExchange, Task>> _application = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _inFlight = 1; // one for the server itself, until it stops
    private int _stopping;

    public WorkerServer(TimeProvider time)
    {
        _time = time;
        Features.Set<IServerAddressesFeature>(new ServerAddressesFeature());
    }

    public IFeatureCollection Features { get; } = new FeatureCollection();

    public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
        where TContext : notnull
    {
        _application.TrySetResult(exchange => RunAsync(application, exchange));
        return Task.CompletedTask;
    }

    /// <summary>Waits until the invocations in flight have ended.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _stopping, 1) == 0)
            Release();
        try
        {
            await _drained.Task.WaitAsync(cancellationToken);
            await Task.Delay(Flush, _time, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The time for stopping is over; the remaining invocations are not awaited.
        }
    }

    /// <summary>Serves one invocation of an HTTP function.</summary>
    /// <param name="request">The request as the host describes it.</param>
    /// <param name="route">The route of the function, as it is declared.</param>
    public async Task<HttpResponseData> InvokeAsync(HttpRequestData request, string route)
    {
        // The host may send invocations before the server has started.
        var application = await _application.Task.WaitAsync(request.FunctionContext.CancellationToken);
        Interlocked.Increment(ref _inFlight);
        try
        {
            var exchange = new WorkerExchange(request, route);
            await application(exchange);
            return exchange.ToResponseData();
        }
        finally
        {
            Release();
        }
    }

    public void Dispose()
    {
    }

    private void Release()
    {
        if (Interlocked.Decrement(ref _inFlight) == 0)
            _drained.TrySetResult();
    }

    /// <summary>Runs the pipeline. If it fails, nothing of what it has written remains: the response was not sent yet.</summary>
    private static async Task RunAsync<TContext>(IHttpApplication<TContext> application, WorkerExchange exchange)
        where TContext : notnull
    {
        var context = application.CreateContext(exchange.Features);
        Exception? failure = null;
        try
        {
            await application.ProcessRequestAsync(context);
            await exchange.Response.StartAsync();
        }
        catch (Exception exception)
        {
            failure = exception;
            exchange.Response.Fail();
        }

        try
        {
            await exchange.Response.EndAsync();
        }
        catch (Exception exception)
        {
            failure ??= exception; // is logged; the response is complete
        }
        finally
        {
            application.DisposeContext(context, failure);
        }
    }

    private sealed class ServerAddressesFeature : IServerAddressesFeature
    {
        public ICollection<string> Addresses { get; } = [];

        public bool PreferHostingUrls { get; set; }
    }
}
