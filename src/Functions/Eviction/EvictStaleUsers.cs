using System.Buffers;
using System.Text.Json;
using Lookup.Domain.Caching;
using Lookup.Domain.Feed;
using Lookup.Domain.Freshness;
using Lookup.Functions.Cosmos.Documents;
using Lookup.Functions.Http;

namespace Lookup.Functions.Eviction;

/// <summary><c>POST /EvictStaleUsers</c>: the Cosmos DB trigger. Makes this instance forget the users that a batch of changes names.</summary>
/// <remarks>
/// The host checkpoints a batch when it is answered 200, and sends it once more otherwise, without end. So a batch that could not be
/// applied now is answered 500, and one that can never be read whole is answered 200: what can be read of it is evicted, and the
/// epoch ends, which makes everything in memory be confirmed anew.
/// <para>It confirms nothing, since each batch goes to one instance only.</para>
/// </remarks>
internal sealed partial class EvictStaleUsers(
    UserCache cache,
    FreshnessTracker freshness,
    DocumentShape shape,
    IHostApplicationLifetime lifetime,
    ILogger<EvictStaleUsers> logger)
{
    /// <summary>
    /// The largest batch that is looked at. The store gives at most 4 MiB at a time, and each of the two encodings can double that.
    /// A larger one is taken all the same, since the server has no bound behind the host: if it were refused, it would come for ever.
    /// </summary>
    internal const long MaxBodyBytes = 64 << 20;

    private readonly ChangeBatch _batch = new(shape);

    public async Task RunAsync(HttpContext context)
    {
        // The host posts JSON. A page of another site, in a browser on this machine, can post anything else.
        if (!context.Request.HasJsonContentType())
        {
            await ProblemWriter.WriteAsync(context, ProblemKind.UnsupportedMediaType, "The body must be application/json.");
            return;
        }

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

        var (isDone, log) = isTooLarge ? GiveUp($"It has more than {MaxBodyBytes} bytes.") : Unwrap(new ReadOnlySequence<byte>(body.GetBuffer(), 0, (int)body.Length), aborted);
        await InvocationResponse.WriteAsync(context, isDone, log);
    }

    /// <summary>Applies a batch that the host has unwrapped already.</summary>
    /// <param name="batch">The text of the array of changes.</param>
    /// <param name="aborted">Stops it.</param>
    /// <returns>Whether it is done with; otherwise it must come again. And a sentence about it.</returns>
    public (bool IsDone, string Log) Apply(ReadOnlySpan<byte> batch, CancellationToken aborted)
    {
        var stopping = lifetime.ApplicationStopping;
        var outcome = _batch.Read(batch, change =>
        {
            if (stopping.IsCancellationRequested || aborted.IsCancellationRequested)
                return false;
            cache.Evict(change, EvictionSource.Trigger);
            return true;
        });

        // Asked once more after the last change: an answer that nobody waits for any more must not look like one that was given.
        if (outcome.IsCutShort || stopping.IsCancellationRequested || aborted.IsCancellationRequested)
        {
            LogNotNow(outcome.Applied);
            return (false, "The process is stopping, or the invocation was cancelled: the batch must come again.");
        }

        if (outcome is { IsWhole: true, Unreadable: 0 })
        {
            LogApplied(outcome.Applied);
            return (true, $"{outcome.Applied} changes applied.");
        }

        return GiveUp(
            outcome.IsWhole ? $"{outcome.Unreadable} of its changes cannot be read." : "It is no array of changes, or is one to a part only.",
            outcome.Applied);
    }

    private (bool IsDone, string Log) Unwrap(in ReadOnlySequence<byte> body, CancellationToken aborted)
    {
        ReadOnlyMemory<byte> batch;
        try
        {
            batch = TriggerPayload.Batch(body);
        }
        catch (JsonException e)
        {
            return GiveUp(e.Message);
        }

        return Apply(batch.Span, aborted);
    }

    /// <summary>What cannot be read today cannot be read tomorrow: it must not stand in the way of all that comes after it.</summary>
    private (bool IsDone, string Log) GiveUp(string reason, int applied = 0)
    {
        freshness.EndEpoch();
        LogUnreadable(reason, applied);
        return (true, $"Warning: a batch could not be read whole. {reason} {applied} changes applied; all users in memory will be confirmed anew.");
    }

    [LoggerMessage(1301, LogLevel.Debug, "The trigger brought {Count} changes.")]
    private partial void LogApplied(int count);

    [LoggerMessage(1302, LogLevel.Warning, "A batch of the trigger was not finished, and must come again: {Count} of its changes were applied.")]
    private partial void LogNotNow(int count);

    [LoggerMessage(1303, LogLevel.Warning, "A batch of the trigger cannot be read whole, so the epoch ends. {Reason} {Count} of its changes were applied.")]
    private partial void LogUnreadable(string reason, int count);
}
