using System.Net;
using Lookup.Domain.Freshness;
using Microsoft.Azure.Cosmos;

namespace Lookup.Functions.Cosmos;

/// <summary>The positions that the responses to one read or query had reached, by partition.</summary>
/// <param name="partitions">The partitions that responses name.</param>
/// <param name="log">The number of the container's log.</param>
internal sealed class ReadPositions(ResponsePartitions partitions, long log) : IResponseListener
{
    private const string IsQueryPlan = "x-ms-cosmos-is-query-plan-request";

    private readonly Lock _gate = new();
    private readonly Dictionary<LogPartition, LogSpan> _spans = [];
    private bool _hasUnknown;
    private DateTimeOffset? _date;

    /// <summary>Gets the time of the last response by Cosmos DB's clock, if a response contained one.</summary>
    public DateTimeOffset? Date
    {
        get
        {
            lock (_gate)
                return _date;
        }
    }

    /// <summary>Gets the positions, or an empty list if a response did not name its position.</summary>
    public IReadOnlyList<LogSpan> All
    {
        get
        {
            lock (_gate)
                return _hasUnknown ? [] : [.. _spans.Values];
        }
    }

    public void Note(ResponseMessage response)
    {
        // The SDK repeats all other responses or reports them as failures. A query plan is not the state of a partition.
        var isResult = response.StatusCode == HttpStatusCode.OK
            || (response.StatusCode == HttpStatusCode.NotFound && CosmosCall.SubStatusOf(response) == 0);
        if (!isResult || response.RequestMessage?.Headers[IsQueryPlan] is not null)
            return;

        var position = partitions.PositionOf(response, log);
        lock (_gate)
        {
            _date = CosmosCall.DateOf(response) is { } date && !(date < _date) ? date : _date;
            if (position.Partition is not { } partition)
                _hasUnknown = true;
            else if (_spans.TryGetValue(partition, out var span))
                _spans[partition] = span with { From = Math.Min(span.From, position.Lsn), To = Math.Max(span.To, position.Lsn) };
            else
                _spans[partition] = new LogSpan(partition, position.Lsn, position.Lsn);
        }
    }
}
