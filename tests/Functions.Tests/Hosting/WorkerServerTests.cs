using System.Net;
using Lookup.Functions.Hosting.IsolatedWorker;
using Lookup.Functions.Tests.Support;
using Lookup.Support;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Time.Testing;

namespace Lookup.Functions.Tests.Hosting;

/// <summary>Tests of the server of the isolated worker: when it serves, and how it stops.</summary>
public sealed class WorkerServerTests : IDisposable
{
    private const string Address = "http://localhost/api/stats";
    private const string Route = "stats";

    private readonly FakeTimeProvider _time = new();
    private readonly WorkerServer _server;
    private readonly Application _application = new();

    public WorkerServerTests() => _server = new WorkerServer(_time);

    public void Dispose() => _server.Dispose();

    [Fact]
    public async Task Stop_waits_for_the_invocation_in_flight()
    {
        await _server.StartAsync(_application, Cancel.Token);
        var invocation = _server.InvokeAsync(new TestInvocation().Get(Address), Route);
        await Eventually.EndsAsync(_application.Entered.Task, "the pipeline runs");

        var stop = _server.StopAsync(Cancel.Token);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.False(stop.IsCompleted, "The server stopped while an invocation was in flight.");

        _application.Gate.SetResult();
        Assert.Equal(HttpStatusCode.NoContent, (await invocation).StatusCode);
        await Eventually.IsTrueAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                return stop.IsCompletedSuccessfully;
            },
            "the server stops");
    }

    [Fact]
    public async Task Stop_ends_when_its_time_is_over()
    {
        await _server.StartAsync(_application, Cancel.Token);
        var invocation = _server.InvokeAsync(new TestInvocation().Get(Address), Route);
        await Eventually.EndsAsync(_application.Entered.Task, "the pipeline runs");

        await Eventually.EndsAsync(_server.StopAsync(new CancellationToken(canceled: true)), "the server stops");

        Assert.False(invocation.IsCompleted);
        _application.Gate.SetResult();
        await invocation;
    }

    [Fact]
    public async Task Invocation_before_the_start_is_served_after_it()
    {
        var invocation = _server.InvokeAsync(new TestInvocation().Get(Address), Route);
        Assert.False(_application.Entered.Task.IsCompleted);
        _application.Gate.SetResult();

        await _server.StartAsync(_application, Cancel.Token);

        Assert.Equal(HttpStatusCode.NoContent, (await Eventually.EndsAsync(invocation, "the invocation is served")).StatusCode);
    }

    [Fact]
    public async Task Unhandled_exception_of_the_pipeline_is_a_500()
    {
        await _server.StartAsync(_application, Cancel.Token);
        _application.Gate.SetException(new InvalidOperationException());

        Assert.Equal(HttpStatusCode.InternalServerError, (await _server.InvokeAsync(new TestInvocation().Get(Address), Route)).StatusCode);
        Assert.IsType<InvalidOperationException>(_application.Failure);
    }

    /// <summary>A pipeline that responds with 204 once its gate is open.</summary>
    private sealed class Application : IHttpApplication<IFeatureCollection>
    {
        public TaskCompletionSource Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Gate { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Exception? Failure { get; private set; }

        public IFeatureCollection CreateContext(IFeatureCollection contextFeatures) => contextFeatures;

        public async Task ProcessRequestAsync(IFeatureCollection context)
        {
            Entered.SetResult();
            await Gate.Task;
            context.GetRequiredFeature<IHttpResponseFeature>().StatusCode = StatusCodes.Status204NoContent;
        }

        public void DisposeContext(IFeatureCollection context, Exception? exception) => Failure = exception;
    }
}
