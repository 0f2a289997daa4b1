using System.Runtime.ExceptionServices;
using Lookup.Domain.Caching.Flights;
using Lookup.Domain.Freshness;
using Lookup.Domain.Stores;

namespace Lookup.Domain.Caching;

// Requests with a session token. They read as others do, and read again until the result is proven to be not older than the session.
public sealed partial class UserCache
{
    private static readonly TimeSpan FirstSessionPause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan MaxSessionPause = TimeSpan.FromMilliseconds(250);

    /// <summary>Reads a user until the result reflects the session of the request, within the read deadline.</summary>
    /// <remarks>
    /// Each read is one like those of other requests: it can be joined, and its result is stored. A token never makes another request wait,
    /// and never becomes part of the session of the instance. A token that is ahead of the store would otherwise end that session, for all
    /// users.
    /// </remarks>
    private async ValueTask<(ReadOutcome Outcome, bool IsCollapsed)> ReadInSessionAsync(
        LookupTarget target,
        long began,
        ReadDirectives directives,
        CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(_options.ReadDeadline, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var session = directives.Session!;
        LogPosition? translated = null;
        var wasBehind = false;
        var pause = FirstSessionPause;
        for (var earliest = began; ; earliest = _clock.Now)
        {
            var (outcome, isCollapsed) = await ReadAsync(target, earliest, directives, either.Token);
            if (outcome.Read is not { } read)
                return (IsCanceledByDeadline(outcome.Failure) ? Failed(PastDeadline()) : outcome, isCollapsed);

            var position = read.Entry.AsOf;
            if (session.IsReflectedBy(position))
                return (outcome, isCollapsed);

            try
            {
                // The partition of the user is none of the token's, or another version of it: it may have been split from one of them. Only
                // the store knows. A read in the session finds a position that reflects the token, which the instance's own reads must reach.
                if (!session.IsComparableWith(position) && translated?.Partition != position.Partition)
                    translated = await TranslateAsync(target, session, directives, either.Token);
                if (translated is { } required && position.Includes(required))
                    return (outcome, isCollapsed);

                wasBehind = true;
                _counters.BehindReads.Increment();
                await Task.Delay(pause, _time, either.Token);
            }
            catch (OperationCanceledException e) when (IsCanceledByDeadline(ExceptionDispatchInfo.Capture(e)))
            {
                return (Failed(PastDeadline()), false);
            }
            catch (Exception e) when (e is UserStoreException or OperationCanceledException)
            {
                return (new ReadOutcome(null, ExceptionDispatchInfo.Capture(e)), false);
            }

            pause = pause * 2 < MaxSessionPause ? pause * 2 : MaxSessionPause;
        }

        bool IsCanceledByDeadline(ExceptionDispatchInfo? failure) =>
            failure?.SourceException is OperationCanceledException && deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested;

        UserStoreException PastDeadline() => wasBehind
            ? new UserStoreException(
                UserStoreFailure.Behind, $"For {_options.ReadDeadline.TotalSeconds:0.###} s, no result reflected the session token of the request.")
            : new UserStoreException(UserStoreFailure.TimedOut, $"The store did not respond within {_options.ReadDeadline.TotalSeconds:0.###} s.");
    }

    /// <summary>Returns a position in the partition of a user that reflects a session.</summary>
    /// <returns>The position, or <see langword="null"/> if no replica has reached the session yet, or the position is not known.</returns>
    private async ValueTask<LogPosition?> TranslateAsync(
        LookupTarget target,
        SessionToken session,
        ReadDirectives directives,
        CancellationToken cancellationToken)
    {
        if (CheckBudget(directives) is { } overBudget)
            throw overBudget;

        try
        {
            var read = await _store.ReadInSessionAsync(target.User, session, cancellationToken);
            _counters.StoreReads.Increment();
            _counters.PointRead.Add(read.RequestCharge);
            directives.Budget?.Spend(read.RequestCharge);
            return read.Position.Partition is null ? null : read.Position;
        }
        catch (UserStoreException e) when (e.Failure == UserStoreFailure.Behind)
        {
            return null;
        }
    }
}
