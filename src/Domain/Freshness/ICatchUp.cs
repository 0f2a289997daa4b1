namespace Lookup.Domain.Freshness;

/// <summary>The operations of the change feed follower that the read path uses.</summary>
internal interface ICatchUp
{
    /// <summary>
    /// Polls every range once, or joins the polls in progress, and waits for the result until the timeout at the latest. Fails only if it
    /// is canceled.
    /// </summary>
    ValueTask CatchUpAsync(TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>Resumes polling if it is paused.</summary>
    void Wake();
}
