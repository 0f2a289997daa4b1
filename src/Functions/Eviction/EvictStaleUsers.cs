using System.Buffers;
using Lookup.Domain.Caching;
using Lookup.Domain.Feed;
using Lookup.Domain.Freshness;
using Lookup.Functions.Cosmos.Documents;
using Lookup.Functions.Http;

namespace Lookup.Functions.Eviction;

/// <summary>The function of the Cosmos DB trigger, which evicts the users in a batch of changes from this instance.</summary>
/// <remarks>
/// A custom handler receives a batch as <c>POST /EvictStaleUsers</c>. The host checkpoints it if the response is 200; otherwise, it redelivers the batch indefinitely. The response is therefore 500 if a
/// batch could not be applied yet, and 200 if it can never be parsed completely. In the latter case, the changes that can be read are
/// applied, and the epoch ends, so that every cached user must be confirmed again.
/// <para>A batch confirms nothing, because each batch is delivered to one instance only.</para>
/// </remarks>
internal sealed partial class EvictStaleUsers(
    UserCache cache,
    FreshnessTracker freshness,
    DocumentShape shape,
    IHostApplicationLifetime lifetime,
    ILogger<EvictStaleUsers> logger)
{
    /// <summary>
    /// The maximum size of a batch that is parsed. The store returns at most 4 MiB at a time, and each of the two encodings can double
    /// that. A larger batch gets here as well, because the server has no limit behind the host. It must still be acknowledged; otherwise,
    /// the host would redeliver it indefinitely.
    /// </summary>
    internal const long MaxBodyBytes = 64 << 20;

    private readonly ChangeBatch _batch = new(shape);

    public async Task RunAsync(HttpContext context)
    {
        // The host posts JSON. A page of another site, in a browser on this machine, can post any other media type.
        if (!await context.CheckJsonBodyAsync())
            return;

        var aborted = context.RequestAborted;
        var reader = context.Request.BodyReader;
        using var body = new MemoryStream();
        var isTooLarge = false;
        while (true)
        {
            // Taken over part by part: if the connection is reset while bytes wait in the reader, the server logs its own state as a failure.
            var read = await context.ReadBodyAsync();
            isTooLarge |= body.Length + read.Buffer.Length > MaxBodyBytes;
            foreach (var part in isTooLarge ? default : read.Buffer)
                body.Write(part.Span);
            reader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
                break;
        }

        var (isDone, log) = isTooLarge ? AcknowledgeUnreadable($"It has more than {MaxBodyBytes} bytes.") : Unwrap(new ReadOnlySequence<byte>(body.GetBuffer(), 0, (int)body.Length), aborted);
        await InvocationResponse.WriteAsync(context, isDone, log);
    }

    /// <summary>Applies a batch that the host has already unwrapped.</summary>
    /// <param name="batch">The text of the array of changes.</param>
    /// <param name="aborted">The token that cancels the invocation.</param>
    /// <returns>
    /// <see langword="true"/> if the batch is completed, or <see langword="false"/> if it must be delivered again; and a message for the
    /// log.
    /// </returns>
    public (bool IsDone, string Log) Apply(ReadOnlyMemory<byte> batch, CancellationToken aborted)
    {
        var stopping = lifetime.ApplicationStopping;
        var outcome = _batch.Read(batch, change =>
        {
            if (stopping.IsCancellationRequested || aborted.IsCancellationRequested)
                return false;
            cache.Evict(change, EvictionSource.Trigger);
            return true;
        });

        // Checked again after the last change: if the host no longer waits for the response, the batch must not be reported as completed.
        if (outcome.IsCutShort || stopping.IsCancellationRequested || aborted.IsCancellationRequested)
        {
            LogNotNow(outcome.Applied);
            return (false, "The process is stopping, or the invocation was canceled. The batch must be delivered again.");
        }

        if (outcome is { IsWhole: true, Unreadable: 0 })
        {
            LogApplied(outcome.Applied);
            return (true, $"{outcome.Applied} changes applied.");
        }

        return AcknowledgeUnreadable(
            outcome.IsWhole ? $"{outcome.Unreadable} of its changes cannot be parsed." : "It is not a complete JSON array.",
            outcome.Applied);
    }

    private (bool IsDone, string Log) Unwrap(in ReadOnlySequence<byte> body, CancellationToken aborted)
    {
        ReadOnlyMemory<byte> batch;
        try
        {
            batch = TriggerPayload.Batch(body);
        }
        catch (FormatException e)
        {
            return AcknowledgeUnreadable(e.Message);
        }

        return Apply(batch, aborted);
    }

    /// <summary>
    /// Acknowledges a batch that cannot be parsed. It will never parse, so it must not block the feed; the epoch ends instead.
    /// </summary>
    private (bool IsDone, string Log) AcknowledgeUnreadable(string reason, int applied = 0)
    {
        freshness.EndEpoch();
        LogUnreadable(reason, applied);
        return (
            true,
            $"Warning: a batch could not be parsed completely. {reason} {applied} changes applied; all cached users must be confirmed again.");
    }

    [LoggerMessage(1301, LogLevel.Debug, "The trigger applied {Count} changes.")]
    private partial void LogApplied(int count);

    [LoggerMessage(1302, LogLevel.Warning, "A trigger batch was not completed and must be delivered again; {Count} of its changes were applied.")]
    private partial void LogNotNow(int count);

    [LoggerMessage(1303, LogLevel.Warning, "A trigger batch cannot be parsed completely, so the epoch ends. {Reason} {Count} of its changes were applied.")]
    private partial void LogUnreadable(string reason, int count);
}
