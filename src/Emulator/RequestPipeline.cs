using System.Net;
using Lookup.Emulator.Control;
using Lookup.Emulator.Storage;
using Lookup.Emulator.Wire;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Abstractions;
using Microsoft.AspNetCore.Http.Features;

namespace Lookup.Emulator;

/// <summary>
/// The application that Kestrel calls for each request, without middleware or dependency injection.
/// Every request gets a response, and every failure gets an error body in the format of Cosmos DB.
/// </summary>
internal sealed class RequestPipeline : IHttpApplication<Exchange>
{
    private readonly Statistics _statistics = new();
    private readonly FaultInjector _faults;
    private readonly MasterKeyAuthorization _authorization;
    private readonly ControlEndpoint _control;
    private readonly Router _router;
    private readonly ILogger _logger;
    private readonly TimeProvider _clock;

    public RequestPipeline(CosmosEmulatorOptions options)
    {
        _clock = options.TimeProvider;
        var account = new Account(options.TimeProvider);
        var lag = new ReplicaLag(options.TimeProvider);
        _faults = new FaultInjector(new RequestRange(account));
        _authorization = new MasterKeyAuthorization(options.Key, TimeProvider.System);
        var address = new AccountAddress();
        _control = new ControlEndpoint(
            _statistics,
            new SplitControl(account),
            new MergeControl(account),
            new FaultControl(_faults, options.TimeProvider),
            new LagControl(lag),
            new TimeToLiveControl(account.TimeToLiveDelay),
            new AccountControl(address),
            new ClockControl(_authorization));
        _router = new Router(options, account, address, lag);
        _logger = options.LoggerFactory.CreateLogger("Lookup.Emulator");
    }

    public Exchange CreateContext(IFeatureCollection contextFeatures)
    {
        // Kestrel keeps the object with the connection, so that the next request can reuse it.
        var container = contextFeatures as IHostContextContainer<Exchange>;
        var exchange = container?.HostContext ?? new Exchange(_clock);
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
            // The client has disconnected or the endpoint is stopping, so no response is needed.
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
    [LoggerMessage(1, LogLevel.Error, "{Method} {Path} failed with 500 because of an error in this endpoint.")]
    public static partial void UnexpectedError(ILogger logger, string method, string path, Exception exception);
}
