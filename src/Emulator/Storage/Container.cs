using System.Text.Json;
using Lookup.Emulator.Partitioning;

namespace Lookup.Emulator.Storage;

/// <summary>A container: its settings, its physical ranges and its documents.</summary>
internal sealed class Container
{
    private volatile ContainerProperties _properties;

    public Container(ContainerProperties properties, int ranges, ThroughputBudget? budget, TimeProvider clock)
    {
        Budget = budget;
        _properties = properties;
        Ranges = new RangeMap(ranges);
        Documents = new DocumentStore(properties.ResourceId, Ranges, clock, () => Properties.DefaultTimeToLive);
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
}
