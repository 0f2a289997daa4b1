using System.Net;
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

    /// <summary>The address to listen on. Anything but loopback lets other machines in, over plain http.</summary>
    /// <value>127.0.0.1 by default.</value>
    public IPAddress ListenAddress { get; init; } = IPAddress.Loopback;

    /// <summary>The account's key, with which clients sign their requests.</summary>
    /// <value>Base64; <see cref="CosmosEmulator.AccountKey"/> by default.</value>
    public string Key { get; init; } = CosmosEmulator.AccountKey;

    /// <summary>Whether requests beyond a container's throughput are answered 429 with substatus 3200.</summary>
    /// <value>False by default, so that filling a container takes no longer than it must.</value>
    public bool EnforceThroughput { get; init; }

    /// <summary>The throughput of a container that was created without one.</summary>
    /// <value>RU/s, 1 or more; 400 by default, the least that the service has.</value>
    public int DefaultThroughput { get; init; } = 400;

    /// <summary>Whether the change feed of all versions and deletes carries the version before each change; the service sends none.</summary>
    public bool IncludePreviousImages { get; init; }

    /// <summary>What a poll of the change feed that finds nothing is charged: the service does not document it.</summary>
    /// <value>Request units, 0 or more; 1 by default.</value>
    public double EmptyFeedPollCharge { get; init; } = 1;

    /// <summary>The clock behind <c>_ts</c>, time to live and delays.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where unexpected errors are logged; nowhere by default.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    /// <summary>How long the body of a request may lag behind the least rate before it is answered 408.</summary>
    /// <value>More than 1 second; 30 by default, since a busy machine may hold up a client for a while.</value>
    internal TimeSpan BodyGracePeriod { get; init; } = TimeSpan.FromSeconds(30);

    internal void Validate()
    {
        Check(Port is >= 0 and <= 65535, nameof(Port), Port, "0 to 65535");
        Check(Ranges is >= 1 and <= MaxRanges, nameof(Ranges), Ranges, $"1 to {MaxRanges}");
        Check(DefaultThroughput >= 1, nameof(DefaultThroughput), DefaultThroughput, "1 or more");
        Check(IsBase64(Key), nameof(Key), Key, "base64");
        Check(EmptyFeedPollCharge is >= 0 and < double.PositiveInfinity, nameof(EmptyFeedPollCharge), EmptyFeedPollCharge, "0 or more");
    }

    private static bool IsBase64(string text) => text.Length > 0 && Convert.TryFromBase64String(text, new byte[text.Length], out _);

    private static void Check(bool isValid, string name, object value, string allowed)
    {
        if (!isValid) throw new ArgumentOutOfRangeException(name, value, $"{name} is {value}; it takes {allowed}.");
    }
}
