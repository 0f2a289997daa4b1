using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Azure.Functions.Worker.Http;

namespace Lookup.Functions.Hosting.IsolatedWorker;

/// <summary>
/// The response of an invocation while the pipeline writes it. The SDK sends a response as a whole, so the body is collected in memory. As
/// on a server with connections, the response starts with the first flush, and its completion callbacks run at the end.
/// </summary>
internal sealed class WorkerResponse : HttpResponseFeature, IHttpResponseBodyFeature
{
    private readonly BodyWriter _body;
    private Stack<(Func<object, Task> Callback, object State)>? _starting;
    private Stack<(Func<object, Task> Callback, object State)>? _completed;
    private Stream? _stream;
    private bool _hasStarted;

    public WorkerResponse() => _body = new BodyWriter(this);

    public override bool HasStarted => _hasStarted;

    public Stream Stream => _stream ??= _body.AsStream();

    public PipeWriter Writer => _body;

    public override void OnStarting(Func<object, Task> callback, object state) => (_starting ??= new()).Push((callback, state));

    public override void OnCompleted(Func<object, Task> callback, object state) => (_completed ??= new()).Push((callback, state));

    public void DisableBuffering()
    {
        // The SDK has no other way to send a body.
    }

    public Task StartAsync(CancellationToken cancellationToken = default)
    {
        if (_hasStarted)
            return Task.CompletedTask;

        _hasStarted = true;
        return RunAsync(_starting);
    }

    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) =>
        SendFileFallback.SendFileAsync(Stream, path, offset, count, cancellationToken);

    public Task CompleteAsync() => StartAsync();

    /// <summary>Discards everything that was written, and responds with 500: the pipeline has failed.</summary>
    public void Fail()
    {
        _hasStarted = true;
        _body.Written.Clear();
        Headers.Clear();
        StatusCode = StatusCodes.Status500InternalServerError;
    }

    /// <summary>Runs the callbacks for the end of the response.</summary>
    public Task EndAsync() => RunAsync(_completed);

    /// <summary>Copies the response to that of the SDK.</summary>
    /// <param name="response">The response of the SDK.</param>
    /// <param name="isHeadRequest">True to leave out the body. Its length stays.</param>
    public void CopyTo(HttpResponseData response, bool isHeadRequest)
    {
        response.StatusCode = (HttpStatusCode)StatusCode;
        foreach (var (name, values) in Headers)
        {
            if (values.Count == 1)
                response.Headers.TryAddWithoutValidation(name, values[0]);
            else
                response.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
        }

        // Without a stream, the host would write a description of the response as the body.
        response.Body = isHeadRequest ? new MemoryStream([], writable: false) : _body.ToStream();
    }

    private static async Task RunAsync(Stack<(Func<object, Task> Callback, object State)>? callbacks)
    {
        while (callbacks is not null && callbacks.TryPop(out var next))
            await next.Callback(next.State);
    }

    /// <summary>The writer of the body. Nothing is sent, so a flush only starts the response.</summary>
    private sealed class BodyWriter(WorkerResponse response) : PipeWriter
    {
        private int _flushed;

        public ArrayBufferWriter<byte> Written { get; } = new();

        public override bool CanGetUnflushedBytes => true;

        public override long UnflushedBytes => Written.WrittenCount - _flushed;

        public override Memory<byte> GetMemory(int sizeHint = 0) => Written.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => Written.GetSpan(sizeHint);

        public override void Advance(int bytes) => Written.Advance(bytes);

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
        {
            if (cancellationToken.IsCancellationRequested)
                return ValueTask.FromCanceled<FlushResult>(cancellationToken);

            _flushed = Written.WrittenCount;
            var starting = response.StartAsync(cancellationToken);
            return starting.IsCompletedSuccessfully ? default : AwaitAsync(starting);
        }

        public override void CancelPendingFlush()
        {
            // A flush is never pending.
        }

        public override void Complete(Exception? exception = null)
        {
            // The end of the body is the end of the pipeline.
        }

        public MemoryStream ToStream() =>
            System.Runtime.InteropServices.MemoryMarshal.TryGetArray(Written.WrittenMemory, out var bytes) && bytes.Array is not null
                ? new MemoryStream(bytes.Array, bytes.Offset, bytes.Count, writable: false)
                : new MemoryStream([], writable: false);

        private static async ValueTask<FlushResult> AwaitAsync(Task starting)
        {
            await starting;
            return default;
        }
    }
}
