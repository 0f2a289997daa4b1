using Microsoft.Extensions.Logging.Abstractions;

namespace Lookup.Emulator;

/// <summary>Settings of a <see cref="CosmosEmulator"/>.</summary>
public sealed class CosmosEmulatorOptions
{
    /// <summary>The most physical ranges that a container is created with.</summary>
    public const int MaxRanges = 16;

    /// <summary>The TCP port on the loopback address.</summary>
    /// <value>0 to 65535; 0, the default, takes a free one.</value>
    public int Port { get; init; }

    /// <summary>How many physical ranges a new container has. More throughput than 10,000 RU/s for each asks for more.</summary>
    /// <value>1 to 16; 1 by default.</value>
    public int Ranges { get; init; } = 1;

    /// <summary>What a poll of the change feed that finds nothing is charged: the service does not document it.</summary>
    /// <value>Request units, 0 or more; 1 by default.</value>
    public double EmptyFeedPollCharge { get; init; } = 1;

    /// <summary>The clock behind <c>_ts</c>, time to live and delays.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where unexpected errors are logged; nowhere by default.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    internal void Validate()
    {
        Check(Port is >= 0 and <= 65535, nameof(Port), Port, "0 to 65535");
        Check(Ranges is >= 1 and <= MaxRanges, nameof(Ranges), Ranges, $"1 to {MaxRanges}");
        Check(EmptyFeedPollCharge is >= 0 and < double.PositiveInfinity, nameof(EmptyFeedPollCharge), EmptyFeedPollCharge, "0 or more");
    }

    private static void Check(bool isValid, string name, object value, string allowed)
    {
        if (!isValid) throw new ArgumentOutOfRangeException(name, value, $"{name} is {value}; it takes {allowed}.");
    }
}
