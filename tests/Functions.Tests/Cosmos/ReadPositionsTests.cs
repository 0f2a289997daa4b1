using System.Globalization;
using System.Net;
using Lookup.Domain.Freshness;
using Lookup.Functions.Cosmos;
using Microsoft.Azure.Cosmos;

namespace Lookup.Functions.Tests.Cosmos;

public sealed class ReadPositionsTests
{
    private const long Log = 3;

    private readonly ReadPositions _positions = new(new ResponsePartitions(), Log);

    [Fact]
    public void Responses_of_one_partition_have_a_lowest_and_a_highest_position()
    {
        Note(HttpStatusCode.OK, "0", 7);
        Note(HttpStatusCode.OK, "1", 20);
        Note(HttpStatusCode.OK, "0", 5);
        Note(HttpStatusCode.OK, "0", 9);

        Assert.Equal(
            [new LogSpan(new LogPartition("0", 1, Log), 5, 9), new LogSpan(new LogPartition("1", 1, Log), 20, 20)],
            _positions.All.OrderBy(span => span.Partition.Id));
    }

    [Fact]
    public void Response_that_there_is_no_such_item_is_a_result()
    {
        Note(HttpStatusCode.NotFound, "0", 7);

        Assert.Equal([new LogSpan(new LogPartition("0", 1, Log), 7, 7)], _positions.All);
    }

    /// <summary>The SDK repeats or reports these, so that their positions are not those of the result.</summary>
    [Theory]
    [InlineData(HttpStatusCode.NotFound, "1002")]
    [InlineData(HttpStatusCode.Gone, "1002")]
    [InlineData(HttpStatusCode.ServiceUnavailable, null)]
    [InlineData(HttpStatusCode.TooManyRequests, "3200")]
    public void Response_that_is_not_a_result_has_no_effect(HttpStatusCode status, string? subStatus)
    {
        Note(HttpStatusCode.OK, "0", 7);

        Note(status, "0", 1, subStatus);
        Note(status, partition: null, lsn: 1, subStatus);

        Assert.Equal([new LogSpan(new LogPartition("0", 1, Log), 7, 7)], _positions.All);
    }

    /// <summary>The plan of a query is not the state of a partition, and does not name one.</summary>
    [Fact]
    public void Query_plan_has_no_effect()
    {
        using var request = new RequestMessage(HttpMethod.Post, new Uri("/dbs/lookup/colls/users/docs", UriKind.Relative));
        request.Headers.Add("x-ms-cosmos-is-query-plan-request", "True");
        Note(HttpStatusCode.OK, "0", 7);

        Note(HttpStatusCode.OK, partition: null, lsn: 0, request: request);
        Note(HttpStatusCode.OK, "1", 9, request: request);

        Assert.Equal([new LogSpan(new LogPartition("0", 1, Log), 7, 7)], _positions.All);
    }

    [Fact]
    public void Result_without_a_position_makes_all_positions_unknown()
    {
        Note(HttpStatusCode.OK, "0", 7);

        Note(HttpStatusCode.OK, partition: null, lsn: 9);

        Assert.Empty(_positions.All);
    }

    private void Note(HttpStatusCode status, string? partition, long lsn, string? subStatus = null, RequestMessage? request = null)
    {
        using var response = new ResponseMessage(status, request, null);
        if (partition is not null)
        {
            response.Headers.Add("x-ms-documentdb-partitionkeyrangeid", partition);
            response.Headers.Add("x-ms-session-token", string.Create(CultureInfo.InvariantCulture, $"{partition}:1#{lsn}"));
        }

        response.Headers.Add("lsn", lsn.ToString(CultureInfo.InvariantCulture));
        if (subStatus is not null)
            response.Headers.Add("x-ms-substatus", subStatus);
        _positions.Note(response);
    }
}
