using System.Net;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lookup.Emulator;

/// <summary>The options of a <see cref="CosmosEmulator"/>.</summary>
public sealed class CosmosEmulatorOptions
{
    /// <summary>The maximum number of physical ranges of a new container.</summary>
    public const int MaxRanges = 64;

    /// <summary>Gets the TCP port to listen on.</summary>
    /// <value>0 to 65535. The default is 0, which selects a free port.</value>
    public int Port { get; init; }

    /// <summary>
    /// Gets the number of physical ranges of a new container. A container with more than 10,000 RU/s for each of them gets more.
    /// </summary>
    /// <value>1 to 64. The default is 1.</value>
    public int Ranges { get; init; } = 1;

    /// <summary>Gets the address to listen on. An address other than loopback is accessible to other machines, over plain HTTP.</summary>
    /// <value>The default is 127.0.0.1.</value>
    public IPAddress ListenAddress { get; init; } = IPAddress.Loopback;

    /// <summary>Gets the account key with which clients sign their requests.</summary>
    /// <value>Base64. The default is <see cref="CosmosEmulator.AccountKey"/>.</value>
    public string Key { get; init; } = CosmosEmulator.AccountKey;

    /// <summary>
    /// Gets a value that indicates whether requests beyond a container's throughput are rejected with 429 and substatus 3200.
    /// </summary>
    /// <value>The default is <see langword="false"/>, so that filling a container is not slowed down.</value>
    public bool EnforceThroughput { get; init; }

    /// <summary>Gets the throughput of a container that is created without one.</summary>
    /// <value>RU/s, 1 or more. The default is 400, the minimum in Cosmos DB.</value>
    public int DefaultThroughput { get; init; } = 400;

    /// <summary>Gets a value that indicates whether the all-versions-and-deletes feed contains the version before each change.</summary>
    /// <value>The default is <see langword="false"/>, because Cosmos DB does not send it.</value>
    public bool IncludePreviousImages { get; init; }

    /// <summary>Gets the charge of a change feed poll that finds no changes, which Cosmos DB does not document.</summary>
    /// <value>Request units, 0 or more. The default is 1.</value>
    public double EmptyFeedPollCharge { get; init; } = 1;

    /// <summary>Gets the clock for <c>_ts</c>, time to live, throughput, replica lag and delays.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Gets the factory of the logger for unexpected errors.</summary>
    /// <value>The default logs nothing.</value>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    /// <summary>Gets the time for which a body may arrive below the minimum rate before the request is rejected with 408.</summary>
    /// <value>More than 1 second. The default is 30 seconds, because a busy machine can delay a client.</value>
    internal TimeSpan BodyGracePeriod { get; init; } = TimeSpan.FromSeconds(30);

    internal void Validate()
    {
        Check(Port is >= 0 and <= 65535, nameof(Port), Port, "from 0 to 65535");
        Check(Ranges is >= 1 and <= MaxRanges, nameof(Ranges), Ranges, $"from 1 to {MaxRanges}");
        Check(DefaultThroughput >= 1, nameof(DefaultThroughput), DefaultThroughput, "1 or more");
        Check(IsBase64(Key), nameof(Key), Key, "base64");
        Check(EmptyFeedPollCharge is >= 0 and < double.PositiveInfinity, nameof(EmptyFeedPollCharge), EmptyFeedPollCharge, "0 or more");
    }

    private static bool IsBase64(string text) => text.Length > 0 && Convert.TryFromBase64String(text, new byte[text.Length], out _);

    private static void Check(bool isValid, string name, object value, string allowed)
    {
        if (!isValid) throw new ArgumentOutOfRangeException(name, value, $"{name} is {value}; it must be {allowed}.");
    }
}
