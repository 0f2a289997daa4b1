using System.Globalization;

namespace Lookup.Local;

/// <summary>The options of a local run.</summary>
internal sealed record LocalOptions
{
    /// <summary>Gets the number of sample users to write: 0 to 1,000,000.</summary>
    public int Users { get; init; } = 10_000;

    /// <summary>Gets the port of the first instance of the service. Further instances use the next ports.</summary>
    public int Port { get; init; } = 7071;

    /// <summary>Gets the port of the local Cosmos DB endpoint.</summary>
    public int CosmosPort { get; init; } = 8081;

    /// <summary>Gets the number of instances of the service, each with its own cache: 1 to 16.</summary>
    public int Instances { get; init; } = 1;

    /// <summary>Gets the number of feed ranges (physical partitions) of the container: 1 to 16.</summary>
    public int Ranges { get; init; } = 4;

    /// <summary>Gets a value that indicates whether the run looks up and changes users itself.</summary>
    public bool Load { get; init; }

    /// <summary>Gets a value that indicates whether the instances share a Redis, which the run starts.</summary>
    public bool Shared { get; init; }

    /// <summary>Gets the ports of the instances, in ascending order.</summary>
    public IEnumerable<int> InstancePorts => Enumerable.Range(Port, Instances);

    private int LastPort => Port + Instances - 1;

    /// <summary>Returns an error message if these options conflict; otherwise, <see langword="null"/>.</summary>
    public string? FindConflict()
    {
        if (LastPort > ushort.MaxValue)
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"--port {Port} with --instances {Instances} would need ports up to {LastPort}; the highest port is {ushort.MaxValue}.");
        }

        if (CosmosPort >= Port && CosmosPort <= LastPort)
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"--cosmos-port {CosmosPort} is one of the service's own ports ({Port} to {LastPort}); change one of the two.");
        }

        return Load && Users == 0 ? "--load with --users 0 would have no users to look up; omit one of the two." : null;
    }
}
