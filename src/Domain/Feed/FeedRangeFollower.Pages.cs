using Lookup.Domain.Freshness;
using Lookup.Domain.Stores;

namespace Lookup.Domain.Feed;

// The pages of a range: their reading, their effect on the cache, and the confirmation at the end.
internal sealed partial class FeedRangeFollower
{
    private async Task<FeedPage> ReadAsync(FeedPosition position, CancellationToken stopped)
    {
        using var deadline = new CancellationTokenSource(options.PollDeadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopped, deadline.Token);
        try
        {
            return await feed.ReadAsync(position, either.Token);
        }
        catch (OperationCanceledException e) when (deadline.IsCancellationRequested && !stopped.IsCancellationRequested)
        {
            var text = $"The change feed did not respond within {options.PollDeadline.TotalSeconds:0.###} s.";
            throw new UserStoreException(UserStoreFailure.TimedOut, text, e);
        }
    }

    private void Apply(string range, in FeedPage page, long sentAt, FeedEpochs epochs)
    {
        var isWhole = _parts.Count == 1 && page.Next.Count == 1;
        if (!isWhole || page.Position.Partition is not null)
            freshness.NotePartition(index, isWhole ? page.Position.Partition : null);
        if (!page.Position.IsKnown)
            freshness.Coverage?.NoteUnknownPage(epochs[index]);
        changes.Apply(page, new PollStamp(epochs, sentAt, economy.AccountOfPoll(index)));
        var isMisplaced = epochs.Partitioner is { } partitioner
            && page.Changes.Any(change => partitioner.RangeOf(change.Key.PartitionKey) != index);

        if (page.Unreadable > 0)
        {
            freshness.EndEpoch(epochs[index]);
            observer.ChangesUnreadable(range, page.Unreadable);
        }

        if (isMisplaced)
        {
            freshness.AbandonPartitioner();
            observer.PartitionerAbandoned(range);
        }

        economy.AddPage(index, page.RequestCharge, isEmptyEnd: page.EndReached && page.Changes.Count == 0 && page.Unreadable == 0);
        observer.PageRead(range, page);
    }

    private void Confirm(PartResult end)
    {
        if (freshness.Confirm(end.Epoch!, end.SentAt, end.Parts.Select(part => part.Reached)) is { } armed)
            observer.Armed(armed);
    }
}
