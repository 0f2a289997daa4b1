using System.Globalization;

namespace Lookup.Local;

/// <summary>What the command line asks for.</summary>
internal sealed record LocalOptions
{
    /// <summary>How many sample users are written: 0 to 1,000,000.</summary>
    public int Users { get; init; } = 10_000;

    /// <summary>The port of the first instance of the service; the others take the ports after it.</summary>
    public int Port { get; init; } = 7071;

    /// <summary>The port of the local Cosmos DB endpoint.</summary>
    public int CosmosPort { get; init; } = 8081;

    /// <summary>How many instances of the service run, each with a memory of its own: 1 to 16.</summary>
    public int Instances { get; init; } = 1;

    /// <summary>How many feed ranges (physical partitions) the container has: 1 to 16.</summary>
    public int Ranges { get; init; } = 4;

    /// <summary>Whether the run looks users up and changes them by itself.</summary>
    public bool Load { get; init; }

    /// <summary>The ports of the instances, first to last.</summary>
    public IEnumerable<int> InstancePorts => Enumerable.Range(Port, Instances);

    private int LastPort => Port + Instances - 1;

    /// <summary>Says in one sentence why these options do not go together; <see langword="null"/> where they do.</summary>
    public string? FindConflict()
    {
        if (LastPort > ushort.MaxValue)
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"--port {Port} with --instances {Instances} would need ports up to {LastPort}; the last one there is is {ushort.MaxValue}.");
        }

        if (CosmosPort >= Port && CosmosPort <= LastPort)
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"--cosmos-port {CosmosPort} is one of the service's own ports ({Port} to {LastPort}); give one of the two another port.");
        }

        return Load && Users == 0 ? "--load with --users 0 would have nobody to ask for; leave one of the two out." : null;
    }
}
