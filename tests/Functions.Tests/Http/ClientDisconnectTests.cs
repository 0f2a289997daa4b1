using System.Diagnostics.Metrics;
using System.Net.Sockets;
using Lookup.Domain.Caching;
using Lookup.Domain.Stores;
using Lookup.Functions.Http;
using Lookup.Functions.Telemetry;
using Lookup.Functions.Tests.Support;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Lookup.Functions.Tests.Http;

/// <summary>Tests of how a disconnect is told apart from a failure of the service, with a server that fails in a chosen order.</summary>
public sealed class ClientDisconnectTests
{
    public static TheoryData<Exception, bool> Disconnects => new()
    {
        { new ConnectionResetException("reset"), false },
        { new ConnectionAbortedException(), false },
        { new TaskCanceledException("aborted", new ConnectionAbortedException()), false },
        { new IOException("reset", new SocketException((int)SocketError.ConnectionReset)), false },
        { new IOException("closed"), true },
        { new OperationCanceledException(), true },
        { new ObjectDisposedException("stream"), true },
    };

    [Theory]
    [MemberData(nameof(Disconnects))]
    public async Task Disconnect_is_neither_an_error_in_the_log_nor_an_outcome(Exception exception, bool isSignaled)
    {
        var (logs, counters, aborted) = await RunAsync(exception, isSignaled);

        Assert.DoesNotContain(logs.Lines, line => line.Level > LogLevel.Debug);
        Assert.All(Enum.GetValues<RequestOutcome>(), outcome => Assert.Equal(0, counters.Requests(LookupFunction.LookupUsers, outcome)));
        Assert.True(aborted);
    }

    [Theory]
    [MemberData(nameof(Disconnects))]
    public async Task Disconnect_while_a_problem_is_written_is_not_an_error(Exception exception, bool isSignaled)
    {
        var (logs, _, aborted) = await RunAsync(new UserStoreException(UserStoreFailure.Overloaded, "full"), isSignaled, writing: exception);

        Assert.DoesNotContain(logs.Lines, line => line.Level > LogLevel.Debug);
        Assert.True(aborted);
    }

    [Fact]
    public async Task Failure_of_the_service_is_an_error_even_if_the_client_has_disconnected_meanwhile()
    {
        var (logs, _, _) = await RunAsync(new InvalidOperationException("a defect"), isSignaled: true);

        Assert.Contains(logs.Lines, line => line.Id.Id == 1202);
    }

    [Fact]
    public async Task Failures_that_are_not_those_of_the_connection_are_errors()
    {
        foreach (var failure in new Exception[] { new IOException("closed"), new OperationCanceledException(), new ObjectDisposedException("stream") })
        {
            var (logs, counters, aborted) = await RunAsync(failure, isSignaled: false);

            Assert.Contains(logs.Lines, line => line.Id.Id == 1202);
            Assert.Equal(1, counters.Requests(LookupFunction.LookupUsers, RequestOutcome.Error));
            Assert.False(aborted);
        }
    }

    private static async Task<(LogCapture Logs, RequestCounters Counters, bool Aborted)> RunAsync(Exception failure, bool isSignaled, Exception? writing = null)
    {
        var logs = new LogCapture();
        using var factory = LoggerFactory.Create(builder => builder.SetMinimumLevel(LogLevel.Trace).AddProvider(logs));
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var counters = new RequestCounters(new UserCacheOptions(), new LookupMeter(services.GetRequiredService<IMeterFactory>()));
        var run = new FunctionRun(counters);
        var middleware = new ProblemMiddleware(
            context => run.RunAsync(LookupFunction.LookupUsers, context, _ => Task.FromException(failure)), factory.CreateLogger<ProblemMiddleware>());
        var context = new DefaultHttpContext();
        var connection = new Connection(isSignaled);
        context.Features.Set<IConnectionLifetimeFeature>(connection);
        context.Features.Set<IHttpRequestLifetimeFeature>(connection);
        if (writing is not null)
            context.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(new FailingStream(writing)));

        await middleware.InvokeAsync(context);

        return (logs, counters, connection.IsAborted);
    }

    /// <summary>A connection that has closed, although the request is not yet marked as aborted.</summary>
    private sealed class Connection(bool isClosed) : IConnectionLifetimeFeature, IHttpRequestLifetimeFeature
    {
        public CancellationToken ConnectionClosed { get; set; } = new(isClosed);

        public CancellationToken RequestAborted { get; set; }

        public bool IsAborted { get; private set; }

        public void Abort() => IsAborted = true;
    }

    private sealed class FailingStream(Exception failure) : MemoryStream
    {
        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => Task.FromException(failure);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.FromException(failure);
    }
}
