using System.Globalization;
using Lookup.Functions.Http;

namespace Lookup.Functions.Hosting;

/// <summary>The number of connections that a process can have without exhausting its handles or its memory.</summary>
/// <remarks>
/// <para>
/// <b>Handles.</b> Each connection takes one. A process without free handles accepts no connection, opens none to the store, and loads no
/// assembly, from which it may not recover. So that this does not happen, the number is what is left after: the process itself
/// (<see cref="OwnHandles"/>); the connections to the store; and the connections that are accepted for health requests only. The
/// <see cref="BoundedListenerFactory"/> keeps the number also in a burst.
/// </para>
/// <para>
/// <b>Memory.</b> Measured on Linux with .NET 10.0 in a memory cgroup of 256 MiB (2 cores; the service alone, with an endpoint in another
/// process; each connection had one request for a cached user and was then idle): 43 MiB with no connection, 63 MiB with 1,000,
/// 113 MiB with 4,000, 162 MiB with 8,000, 237 MiB with 14,000. That is 14.2 KB for each, of which 1.5 KB are the kernel's, and 13 KB beyond
/// the first 8,000. In a cgroup of 128 MiB the process was killed at 5,454 connections, and when 15,000 were opened one after the other
/// while 3,072 were allowed. A connection counts <see cref="BytesPerConnection"/>. All together may take half of the available memory beyond
/// <see cref="OwnBytes"/>; by default, they also take no more than a quarter of the available memory, as much as the cache. The rest is for
/// the cache and for requests.
/// </para>
/// </remarks>
internal sealed record ConnectionCapacity
{
    /// <summary>The memory of an idle connection, in bytes: the measured 14.2 KB, rounded up.</summary>
    public const int BytesPerConnection = 16 * 1024;

    /// <summary>The memory of the process itself, in bytes: the measured 43 MiB, and 20 MiB more after the first requests.</summary>
    public const long OwnBytes = 64L * 1024 * 1024;

    /// <summary>
    /// The handles of the process itself. 271 were measured after startup, most of them of assemblies, and 285 after the first requests.
    /// </summary>
    public const int OwnHandles = 320;

    /// <summary>The minimum, regardless of the limits. An instance that has less than it needs starts, and logs a warning.</summary>
    public const int Fewest = 16;

    /// <summary>Gets the number of connections by default.</summary>
    public required int Default { get; init; }

    /// <summary>Gets the maximum number of connections, to which a higher setting is lowered.</summary>
    public required int Max { get; init; }

    /// <summary>Gets the reason for the maximum, for the log.</summary>
    public required string Reason { get; init; }

    /// <summary>Gets a value that indicates whether the process has fewer handles or less memory than it needs.</summary>
    public required bool IsTooSmall { get; init; }

    /// <summary>Determines the capacity.</summary>
    /// <param name="limits">The limits of the process.</param>
    /// <param name="storeConnections">The maximum number of connections to the store.</param>
    public static ConnectionCapacity Of(MachineLimits limits, int storeConnections)
    {
        var byHandles = limits.Handles is { } handles
            ? handles - OwnHandles - storeConnections - ConnectionGuard.Reserve
            : long.MaxValue;
        var byMemory = (limits.MemoryBytes - OwnBytes) / 2 / BytesPerConnection;
        var byDefault = Math.Min(byMemory, limits.MemoryBytes / 4 / BytesPerConnection);
        return new ConnectionCapacity
        {
            Default = Within(Math.Min(byHandles, byDefault), RequestLimits.MaxConnections),
            Max = Within(Math.Min(byHandles, byMemory), RequestLimits.MaxConnectionsLimit),
            IsTooSmall = Math.Min(byHandles, byMemory) < Fewest,
            Reason = byHandles < byMemory
                ? string.Create(CultureInfo.InvariantCulture, $"the process can open {limits.Handles} handles (ulimit -n), and needs some for itself and for the store")
                : string.Create(CultureInfo.InvariantCulture, $"the process has {limits.MemoryBytes >> 20} MiB of memory, and needs some for itself, for the cache and for requests"),
        };
    }

    private static int Within(long connections, int max) => (int)Math.Clamp(connections, Fewest, max);
}
