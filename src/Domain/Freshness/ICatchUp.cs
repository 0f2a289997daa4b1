namespace Lookup.Domain.Freshness;

/// <summary>What a request may ask of the one who follows the feed.</summary>
internal interface ICatchUp
{
    /// <summary>Polls every range once, or joins those who do, and waits for that at most until the timeout. Does not fail.</summary>
    ValueTask CatchUpAsync(TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>Ends the idling, if any.</summary>
    void Wake();
}
