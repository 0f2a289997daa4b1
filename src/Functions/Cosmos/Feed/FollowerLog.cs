using System.Collections.Concurrent;
using Lookup.Domain.Feed;
using Lookup.Functions.Telemetry;

namespace Lookup.Functions.Cosmos.Feed;

/// <summary>
/// An observer that logs the events of the change feed and counts its pages. Log entries contain ranges, but never users.
/// </summary>
internal sealed partial class FollowerLog(ILogger<FollowerLog> logger, FeedCounters counters) : IFollowerObserver
{
    private const string Start = "(start)";

    private readonly ConcurrentDictionary<string, int> _failures = new(StringComparer.Ordinal);

    public void EpochBegan(long epoch, int ranges)
    {
        if (_failures.TryRemove(Start, out var failures))
            LogRecovered(Start, failures);
        LogEpochBegan(epoch, ranges);
    }

    public void Resumed(int ranges) => LogResumed(ranges);

    public void Armed(long epoch) => LogArmed(epoch);

    public void PageRead(string range, in FeedPage page)
    {
        counters.Count(page);
        if (!_failures.IsEmpty && _failures.TryRemove(range, out var failures))
            LogRecovered(range, failures);
        if (page.Changes.Count > 0)
            LogPage(range, page.Changes.Count);
    }

    public void PollFailed(string? range, Exception exception)
    {
        // During a store outage, every poll fails. Only the first failure is logged as a warning.
        if (_failures.AddOrUpdate(range ?? Start, 1, (_, count) => count + 1) == 1)
            LogFailed(range ?? Start, exception);
        else
            LogFailedAgain(range ?? Start, exception.Message);
    }

    public void GapFound(string range, Exception exception) => LogGap(range, exception);

    public void ChangesUnreadable(string range, int count) => LogUnreadable(range, count);

    public void PartitionerAbandoned(string range) => LogPartitionerAbandoned(range);

    [LoggerMessage(1101, LogLevel.Information, "The change feed was started with {Ranges} ranges, in epoch {Epoch}.")]
    private partial void LogEpochBegan(long epoch, int ranges);

    [LoggerMessage(1102, LogLevel.Information, "Epoch {Epoch} is armed: the feed covers all reads from now on.")]
    private partial void LogArmed(long epoch);

    [LoggerMessage(1103, LogLevel.Debug, "Feed range {Range} returned {Count} changes.")]
    private partial void LogPage(string range, int count);

    [LoggerMessage(1104, LogLevel.Warning, "Polling feed range {Range} failed and will be retried.")]
    private partial void LogFailed(string range, Exception exception);

    [LoggerMessage(1105, LogLevel.Debug, "Polling feed range {Range} failed again: {Reason}")]
    private partial void LogFailedAgain(string range, string reason);

    [LoggerMessage(1106, LogLevel.Information, "Polling feed range {Range} succeeded again after {Failures} failures.")]
    private partial void LogRecovered(string range, int failures);

    [LoggerMessage(1107, LogLevel.Warning, "Gap detected in feed range {Range}: its epoch ends, and the range is read from now again.")]
    private partial void LogGap(string range, Exception exception);

    [LoggerMessage(1108, LogLevel.Error, "Feed range {Range} returned {Count} changes that cannot be parsed: its epoch ends.")]
    private partial void LogUnreadable(string range, int count);

    [LoggerMessage(1109, LogLevel.Error, "Feed range {Range} returned a user whose partition key belongs to another range, by its hash. From now on, a user is confirmed only if all ranges are.")]
    private partial void LogPartitionerAbandoned(string range);

    [LoggerMessage(1110, LogLevel.Information, "{Ranges} feed ranges continue from the positions of another instance.")]
    private partial void LogResumed(int ranges);
}
