using System.Net;
using Lookup.Emulator.Control;
using Lookup.Emulator.Storage;
using Lookup.Emulator.Wire;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Abstractions;
using Microsoft.AspNetCore.Http.Features;

namespace Lookup.Emulator;

/// <summary>
/// What Kestrel calls for each request; there is no middleware and no dependency injection around it.
/// Every request is answered, and every failure in the service's own shape.
/// </summary>
internal sealed class RequestPipeline : IHttpApplication<Exchange>
{
    private readonly Statistics _statistics = new();
    private readonly FaultInjector _faults;
    private readonly MasterKeyAuthorization _authorization;
    private readonly ControlEndpoint _control;
    private readonly Router _router;
    private readonly ILogger _logger;

    public RequestPipeline(CosmosEmulatorOptions options)
    {
        var account = new Account(options.TimeProvider);
        var lag = new ReplicaLag(options.TimeProvider);
        _faults = new FaultInjector(new RequestRange(account));
        _authorization = new MasterKeyAuthorization(options.Key, TimeProvider.System);
        _control = new ControlEndpoint(_statistics, new SplitControl(account), new FaultControl(_faults, options.TimeProvider), new LagControl(lag));
        _router = new Router(options, account, lag);
        _logger = options.LoggerFactory.CreateLogger("Lookup.Emulator");
    }

    public Exchange CreateContext(IFeatureCollection contextFeatures)
    {
        // Kestrel's connections keep the object between requests.
        var container = contextFeatures as IHostContextContainer<Exchange>;
        var exchange = container?.HostContext ?? new Exchange();
        if (container is not null) container.HostContext = exchange;
        exchange.Begin(contextFeatures);
        return exchange;
    }

    public void DisposeContext(Exchange context, Exception? exception) => context.Http.Uninitialize();

    public async Task ProcessRequestAsync(Exchange context)
    {
        try
        {
            await HandleAsync(context);
        }
        catch (Exception) when (context.Aborted.IsCancellationRequested)
        {
            // The client has gone, or the endpoint stops; nobody waits for an answer.
        }
    }

    private async Task HandleAsync(Exchange exchange)
    {
        try
        {
            await ProcessAsync(exchange);
        }
        catch (CosmosErrorException e)
        {
            await ErrorResponse.SendAsync(exchange, e);
        }
        catch (BadHttpRequestException e)
        {
            await ErrorResponse.SendAsync(exchange, (HttpStatusCode)e.StatusCode, e.Message);
        }
        catch (Exception e) when (!exchange.Aborted.IsCancellationRequested)
        {
            _statistics.CountFailure();
            Log.UnexpectedError(_logger, exchange.Method, exchange.Http.Request.Path, e);
            if (exchange.Http.Response.HasStarted) exchange.Http.Abort();
            else await ErrorResponse.SendAsync(exchange, HttpStatusCode.InternalServerError, "An unexpected error occurred in this endpoint.");
        }
    }

    private async Task ProcessAsync(Exchange exchange)
    {
        exchange.ReadPath();
        if (exchange.Path.Count > 0 && exchange.Path[0] == ControlEndpoint.Root)
        {
            await _control.HandleAsync(exchange);
            return;
        }

        var operation = exchange.Operation = OperationClassifier.Classify(exchange);
        _statistics.Count(operation);
        try
        {
            _authorization.Check(exchange);
            if (!_faults.IsIdle && !await _faults.ApplyAsync(exchange)) return;
            await _router.HandleAsync(exchange);
        }
        finally
        {
            _statistics.AddCharge(operation, exchange.Charge);
        }
    }
}

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Error, "{Method} {Path} was answered 500: an error of this endpoint, not of the client.")]
    public static partial void UnexpectedError(ILogger logger, string method, string path, Exception exception);
}
