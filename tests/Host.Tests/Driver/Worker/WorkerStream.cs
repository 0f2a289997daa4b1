using System.Collections.Concurrent;
using System.Threading.Channels;
using Grpc.Core;
using Lookup.Host.Tests.Driver.Worker.Messages;

namespace Lookup.Host.Tests.Driver.Worker;

/// <summary>The host's side of the stream of messages between the Functions host and an isolated worker.</summary>
internal sealed class WorkerStream : FunctionRpc.FunctionRpcBase, IDisposable
{
    private readonly Channel<StreamingMessage> _toWorker = Channel.CreateUnbounded<StreamingMessage>();
    private readonly ConcurrentDictionary<string, TaskCompletionSource<StreamingMessage>> _awaited = new();
    private readonly ConcurrentQueue<RpcLog> _logs = new();
    private readonly TaskCompletionSource<string> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _end = new();
    private volatile bool _hasEnded;

    /// <summary>Gets a task that completes with the worker's id when the worker has connected.</summary>
    public Task<string> Started => _started.Task;

    /// <summary>Gets the log entries that the worker has sent.</summary>
    public IReadOnlyCollection<RpcLog> Logs => _logs;

    public override async Task EventStream(
        IAsyncStreamReader<StreamingMessage> requestStream, IServerStreamWriter<StreamingMessage> responseStream, ServerCallContext context)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, _end.Token);
        var sending = SendAsync(responseStream, ended.Token);
        try
        {
            await foreach (var message in requestStream.ReadAllAsync(ended.Token))
                Receive(message);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The worker has ended, or the host ends the stream.
        }

        _hasEnded = true;
        await ended.CancelAsync();
        await sending;
        foreach (var (_, response) in _awaited)
            response.TrySetException(Lost());
    }

    /// <summary>Sends a message to which the worker does not respond.</summary>
    public void Send(StreamingMessage message) => _toWorker.Writer.TryWrite(message);

    /// <summary>Sends a message, and waits for the response with the same id.</summary>
    public async Task<StreamingMessage> ExchangeAsync(StreamingMessage message)
    {
        message.RequestId = message.InvocationRequest?.InvocationId ?? Guid.NewGuid().ToString();
        var response = new TaskCompletionSource<StreamingMessage>(TaskCreationOptions.RunContinuationsAsynchronously);
        _awaited[message.RequestId] = response;
        Send(message);
        if (_hasEnded)
            response.TrySetException(Lost());
        return await Eventually.EndsAsync(response.Task, $"the worker responds to {message.ContentCase}");
    }

    /// <summary>Ends the stream, as when the host closes it.</summary>
    public void End() => _end.Cancel();

    public void Dispose() => _end.Dispose();

    private static IOException Lost() => new("The stream ended before the worker responded.");

    private async Task SendAsync(IServerStreamWriter<StreamingMessage> worker, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var message in _toWorker.Reader.ReadAllAsync(cancellationToken))
                await worker.WriteAsync(message, cancellationToken);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or InvalidOperationException)
        {
            // The stream has ended.
        }
    }

    /// <summary>Invocations run concurrently, so their responses arrive in any order.</summary>
    private void Receive(StreamingMessage message)
    {
        if (message.RpcLog is { } log)
            _logs.Enqueue(log);
        else if (message.StartStream is { } start)
            _started.TrySetResult(start.WorkerId);
        else if (_awaited.TryRemove(message.InvocationResponse?.InvocationId ?? message.RequestId, out var response))
            response.TrySetResult(message);
    }
}
