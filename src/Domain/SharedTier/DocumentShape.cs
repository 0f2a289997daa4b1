namespace Lookup.Domain.SharedTier;

/// <summary>The settings that determine what a cached user contains. Instances share entries only if all of them are equal.</summary>
/// <param name="HiddenFields">The JSON paths of the fields that are removed, in any order.</param>
/// <param name="AlternateKeys">The JSON paths of the alternate keys, in any order.</param>
/// <param name="PartitionKeyPath">The JSON path of the partition key.</param>
public sealed record DocumentShape(IReadOnlyList<string> HiddenFields, IReadOnlyList<string> AlternateKeys, string PartitionKeyPath);
