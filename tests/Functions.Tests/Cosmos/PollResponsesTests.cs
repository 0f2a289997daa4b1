using System.Globalization;
using System.Net;
using Lookup.Domain.Freshness;
using Lookup.Functions.Cosmos;
using Lookup.Functions.Cosmos.Feed;
using Microsoft.Azure.Cosmos;

namespace Lookup.Functions.Tests.Cosmos;

public sealed class PollResponsesTests
{
    private const long Log = 3;

    private readonly PollResponses _responses = new(new ResponsePartitions(), Log);

    [Fact]
    public void PositionOf_a_page_is_the_position_of_the_response_with_the_partition_and_the_log()
    {
        Note(HttpStatusCode.OK, "2", 7);

        Assert.Equal(new LogPosition(new LogPartition("2", 1, Log), 7), PositionOf(HttpStatusCode.OK));
    }

    /// <summary>
    /// The position of another part would belong to another partition, or claim that the page contains changes that it lacks.
    /// </summary>
    [Theory]
    [InlineData(HttpStatusCode.ServiceUnavailable, HttpStatusCode.NotModified)]
    [InlineData(HttpStatusCode.NotModified, HttpStatusCode.OK)]
    [InlineData(HttpStatusCode.OK, HttpStatusCode.NotModified)]
    public void PositionOf_a_page_that_is_not_the_last_response_is_unknown(HttpStatusCode last, HttpStatusCode page)
    {
        Note(page, "2", 7);
        Note(last, "3", 9);

        Assert.False(PositionOf(page).IsKnown);
    }

    [Fact]
    public void PositionOf_without_a_response_is_unknown() => Assert.False(PositionOf(HttpStatusCode.OK).IsKnown);

    private LogPosition PositionOf(HttpStatusCode status)
    {
        using var page = new ResponseMessage(status);
        return _responses.PositionOf(page);
    }

    private void Note(HttpStatusCode status, string partition, long lsn)
    {
        using var response = new ResponseMessage(status);
        response.Headers.Add("x-ms-documentdb-partitionkeyrangeid", partition);
        response.Headers.Add("x-ms-session-token", string.Create(CultureInfo.InvariantCulture, $"{partition}:1#{lsn}"));
        response.Headers.Add("lsn", lsn.ToString(CultureInfo.InvariantCulture));
        _responses.Note(response);
    }
}
