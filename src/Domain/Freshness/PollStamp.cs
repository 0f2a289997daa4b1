namespace Lookup.Domain.Freshness;

/// <summary>
/// The poll that returned a page of the feed: the time at which it was sent, the epochs that were current then, and the account of the lookups
/// for which it was sent.
/// </summary>
public readonly struct PollStamp
{
    private readonly FeedEpochs? _epochs;

    internal PollStamp(FeedEpochs epochs, long sentAt, RangeAccount? account = null)
    {
        _epochs = epochs;
        SentAt = sentAt;
        Account = account;
    }

    /// <summary>Gets the time at which the poll was sent.</summary>
    internal long SentAt { get; }

    /// <summary>
    /// Gets the account that is charged with the reads that the poll causes, or <see langword="null"/> if polls have no price.
    /// </summary>
    internal RangeAccount? Account { get; }

    /// <summary>
    /// Gets the epoch that covers a user on the page, or <see langword="null"/> if it was not armed, or has ended since the poll was sent.
    /// </summary>
    internal FeedEpoch? ArmedFor(string partitionKey) => _epochs?.Of(partitionKey) is { IsArmed: true } epoch ? epoch : null;
}
