using Lookup.Domain.SharedTier;
using Lookup.Functions.SharedTier.Sealing;

namespace Lookup.Functions.SharedTier;

/// <summary>The settings of the shared tier. Its text contains no secret.</summary>
internal sealed record SharedTierSettings
{
    private static readonly SharedTierOptions Defaults = new()
    {
        Tier = new InProcessTier(TimeProvider.System),
        Shape = new DocumentShape([], [], ""),
        LogIdentity = static _ => null,
    };

    /// <summary>Gets the server, or <see langword="null"/> if there is no shared tier.</summary>
    public SharedTierTarget? Target { get; init; }

    /// <summary>Gets the keys that seal the entries, or <see langword="null"/> if entries are not sealed.</summary>
    public SealingKeys? Keys { get; init; }

    /// <summary>Gets the time limit of a call to the tier.</summary>
    /// <value>The default and the range are those of <see cref="SharedTierOptions.Timeout"/>.</value>
    public TimeSpan Timeout { get; init; } = Defaults.Timeout;

    /// <summary>Gets the time after which the tier removes an entry.</summary>
    /// <value>The default and the range are those of <see cref="SharedTierOptions.TimeToLive"/>.</value>
    public TimeSpan TimeToLive { get; init; } = Defaults.TimeToLive;

    /// <summary>Throws an exception if a value is out of the range that the cache accepts.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    public void Validate() => (Defaults with { Timeout = Timeout, TimeToLive = TimeToLive }).Validate();
}
