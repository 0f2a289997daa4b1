using System.Collections.Concurrent;
using System.Globalization;
using Lookup.Domain.Freshness;
using Microsoft.Azure.Cosmos;

namespace Lookup.Functions.Cosmos;

/// <summary>The partitions that responses name. There is one object for each, because every cache entry references one.</summary>
internal sealed class ResponsePartitions
{
    private readonly ConcurrentDictionary<LogPartition, LogPartition> _known = new();

    /// <summary>Gets the partition of the replica that responded, or <see langword="null"/> if the response does not name it.</summary>
    /// <param name="response">The response of the store.</param>
    /// <param name="log">The number of the container's log.</param>
    /// <remarks>
    /// The id is taken from its own header. In Direct mode, the SDK creates the id in the session token if the header is missing. The version
    /// is the part of the token between the colon and the first number sign.
    /// </remarks>
    public LogPartition? Of(ResponseMessage response, long log)
    {
        if (response.Headers["x-ms-documentdb-partitionkeyrangeid"] is not { Length: > 0 } id
            || response.Headers.Session is not { } token
            || !TryGetVersion(token, id, out var version))
        {
            return null;
        }

        var partition = new LogPartition(id, version, log);
        return _known.GetOrAdd(partition, partition);
    }

    /// <summary>Gets the position that the replica that responded had reached, or nothing if the response does not name it.</summary>
    /// <param name="response">The response of the store.</param>
    /// <param name="log">The number of the container's log.</param>
    public LogPosition PositionOf(ResponseMessage response, long log) =>
        long.TryParse(response.Headers["lsn"], NumberStyles.None, CultureInfo.InvariantCulture, out var lsn) && Of(response, log) is { } partition
            ? new LogPosition(partition, lsn)
            : default;

    private static bool TryGetVersion(ReadOnlySpan<char> token, string id, out long version)
    {
        version = 0;
        if (!token.StartsWith(id) || token.Length == id.Length || token[id.Length] != ':')
            return false;

        var fields = token[(id.Length + 1)..];
        var end = fields.IndexOf('#');
        return end > 0 && long.TryParse(fields[..end], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out version);
    }
}
