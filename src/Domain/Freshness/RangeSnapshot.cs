namespace Lookup.Domain.Freshness;

/// <summary>
/// What an instance knows of a feed range: its position in the feed, and the log sequence numbers (LSNs) of everything that it was shown before. With
/// it, an instance that starts knows as much as if it had followed the range itself.
/// </summary>
/// <param name="Range">The name of the range.</param>
/// <param name="Token">The position from which the next page is read, in the format of the feed.</param>
/// <param name="PartitionId">The id of the partition in which the range is followed.</param>
/// <param name="PartitionVersion">The version of the topology of that partition.</param>
/// <param name="Lsn">The LSN that the partition had reached at the position.</param>
/// <param name="CoveredFrom">The LSN from which on the range was followed without a gap.</param>
/// <param name="Lsns">
/// The LSNs of the keys, by their hash, as <see cref="LsnSketches"/> has them. They include every change from <paramref name="CoveredFrom"/> to the position.
/// </param>
/// <param name="ConfirmedAt">The wall-clock time at which the range was last confirmed. It determines how long reading from the position takes.</param>
public sealed record RangeSnapshot(
    string Range,
    string Token,
    string PartitionId,
    long PartitionVersion,
    long Lsn,
    long CoveredFrom,
    IReadOnlyList<long> Lsns,
    DateTime ConfirmedAt);
