using System.Net;
using System.Text;
using Lookup.Functions.Hosting.IsolatedWorker;
using Lookup.Functions.Tests.Support;
using Lookup.Support;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.Extensions.Time.Testing;

namespace Lookup.Functions.Tests.Hosting;

/// <summary>Tests of the server of the isolated worker: when it serves, how a response starts and ends, and how it stops.</summary>
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

    [Fact]
    public async Task Unhandled_exception_after_a_part_of_the_response_was_written_is_a_500_without_that_part()
    {
        _application.Run = async context =>
        {
            context.GetRequiredFeature<IHttpResponseFeature>().Headers.ETag = "\"1\"";
            var body = context.GetRequiredFeature<IHttpResponseBodyFeature>();
            await body.Writer.WriteAsync("half"u8.ToArray());
            await body.Stream.WriteAsync("a"u8.ToArray());
            throw new InvalidOperationException();
        };

        var response = await ServeAsync();

        Assert.Equal((HttpStatusCode.InternalServerError, ""), (response.StatusCode, TextOf(response)));
        Assert.Empty(response.Headers);
        Assert.IsType<InvalidOperationException>(_application.Failure);
    }

    [Fact]
    public async Task Response_starts_with_the_first_flush_and_its_callbacks_run_while_the_context_exists()
    {
        var calls = new List<string>();
        _application.Run = async context =>
        {
            var response = context.GetRequiredFeature<IHttpResponseFeature>();
            response.OnStarting(_ => CallAsync("starting 1"), response);
            response.OnStarting(
                _ =>
                {
                    response.Headers.ETag = "\"1\"";
                    return CallAsync("starting 2");
                },
                response);
            response.OnCompleted(_ => CallAsync("completed"), response);
            var body = context.GetRequiredFeature<IHttpResponseBodyFeature>().Writer;
            "body"u8.CopyTo(body.GetSpan(4));
            body.Advance(4);
            Assert.Equal((false, 4L), (response.HasStarted, body.UnflushedBytes));
            await body.FlushAsync();
            Assert.Equal((true, 0L), (response.HasStarted, body.UnflushedBytes));
            await body.WriteAsync(", more"u8.ToArray());
        };

        var response = await ServeAsync();

        Assert.Equal(["starting 2", "starting 1", "completed", "disposed"], calls);
        Assert.Equal((HttpStatusCode.OK, "body, more"), (response.StatusCode, TextOf(response)));
        Assert.Equal("\"1\"", Assert.Single(response.Headers.GetValues("ETag")));

        Task CallAsync(string name)
        {
            calls.Add(name);
            _application.Disposed = () => calls.Add("disposed");
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task Response_without_a_body_starts_at_the_end_of_the_pipeline()
    {
        var hasStarted = false;
        _application.Run = context =>
        {
            context.GetRequiredFeature<IHttpResponseFeature>().OnStarting(
                _ =>
                {
                    hasStarted = true;
                    return Task.CompletedTask;
                },
                context);
            return Task.CompletedTask;
        };

        await ServeAsync();

        Assert.True(hasStarted);
    }

    [Theory]
    [InlineData(true, HttpStatusCode.InternalServerError, "")]
    [InlineData(false, HttpStatusCode.OK, "body")]
    public async Task Callback_that_fails_changes_the_response_only_if_it_runs_before_the_start(bool isAtStart, HttpStatusCode status, string body)
    {
        _application.Run = async context =>
        {
            var response = context.GetRequiredFeature<IHttpResponseFeature>();
            Action<Func<object, Task>, object> register = isAtStart ? response.OnStarting : response.OnCompleted;
            register(_ => throw new InvalidOperationException(), response);
            await context.GetRequiredFeature<IHttpResponseBodyFeature>().Writer.WriteAsync("body"u8.ToArray());
        };

        var response = await ServeAsync();

        Assert.Equal((status, body), (response.StatusCode, TextOf(response)));
        Assert.IsType<InvalidOperationException>(_application.Failure);
    }

    [Theory]
    [InlineData(false, null, false)]
    [InlineData(false, "body", false)]
    [InlineData(true, "body", true)]
    public async Task Body_is_copied_only_if_the_pipeline_reads_it(bool isRead, string? body, bool isCopied)
    {
        var invocation = new TestInvocation();
        _application.Run = async context =>
        {
            Assert.Equal(body is not null, context.GetRequiredFeature<IHttpRequestBodyDetectionFeature>().CanHaveBody);
            if (isRead)
                Assert.Equal(body, await new StreamReader(context.GetRequiredFeature<IHttpRequestFeature>().Body).ReadToEndAsync(Cancel.Token));
        };
        await _server.StartAsync(_application, Cancel.Token);

        await _server.InvokeAsync(invocation.Get(Address, body is null ? null : Encoding.UTF8.GetBytes(body)), Route);

        Assert.Equal(isCopied, invocation.HasCopiedBody);
        Assert.Null(_application.Failure);
    }

    private async Task<HttpResponseData> ServeAsync()
    {
        await _server.StartAsync(_application, Cancel.Token);
        return await _server.InvokeAsync(new TestInvocation().Get(Address), Route);
    }

    private static string TextOf(HttpResponseData response) => new StreamReader(response.Body).ReadToEnd();

    /// <summary>A pipeline that responds with 204 once its gate is open, unless another is specified.</summary>
    private sealed class Application : IHttpApplication<IFeatureCollection>
    {
        public TaskCompletionSource Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Gate { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Func<IFeatureCollection, Task>? Run { get; set; }

        public Action? Disposed { get; set; }

        public Exception? Failure { get; private set; }

        public IFeatureCollection CreateContext(IFeatureCollection contextFeatures) => contextFeatures;

        public Task ProcessRequestAsync(IFeatureCollection context) => Run is null ? AwaitGateAsync(context) : Run(context);

        public void DisposeContext(IFeatureCollection context, Exception? exception)
        {
            Failure = exception;
            Disposed?.Invoke();
        }

        private async Task AwaitGateAsync(IFeatureCollection context)
        {
            Entered.SetResult();
            await Gate.Task;
            context.GetRequiredFeature<IHttpResponseFeature>().StatusCode = StatusCodes.Status204NoContent;
        }
    }
}
