using System.Text.Json;
using Lookup.Emulator.Partitioning;

namespace Lookup.Emulator.Storage;

/// <summary>A container: its settings, its physical ranges and its documents.</summary>
internal sealed class Container
{
    private volatile ContainerProperties _properties;

    public Container(ContainerProperties properties, int ranges, ThroughputBudget? budget, TimeProvider clock, TimeToLiveDelay timeToLiveDelay)
    {
        Budget = budget;
        _properties = properties;
        Ranges = new RangeMap(ranges);
        Documents = new DocumentStore(properties.ResourceId, Ranges, clock, () => Properties.DefaultTimeToLive, timeToLiveDelay);
    }

    public ContainerProperties Properties => _properties;

    public string Id => Properties.Id;

    public string ResourceId => Properties.ResourceId;

    public PartitionKeyPath KeyPath => Properties.KeyPath;

    public RangeMap Ranges { get; }

    /// <summary>Gets the throughput budget, or <see langword="null"/> if throughput is not limited.</summary>
    public ThroughputBudget? Budget { get; }

    public DocumentStore Documents { get; }

    public void Replace(JsonElement body)
    {
        _properties = Properties.ChangedTo(body);
        foreach (var range in Ranges.Current.Ranges) Documents.ScheduleExpiries(range);
    }

    public (PhysicalRange Lower, PhysicalRange Upper) Split(string rangeId) => Ranges.Split(rangeId, Documents.ScheduleExpiries);

    /// <summary>Merges two adjacent ranges.</summary>
    /// <param name="merging">An action to run before the merged range is visible to requests, if the ranges can be merged.</param>
    public PhysicalRange Merge(string rangeId, string adjacentId, Action merging) => Ranges.Merge(rangeId, adjacentId, merged =>
    {
        merging();
        Documents.ScheduleExpiries(merged);
    });
}
