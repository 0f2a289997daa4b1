namespace Lookup.Host.Tests.SameResponses;

/// <summary>
/// Tests that the app responds alike in the three ways of running it: alone, as a custom handler, and as an isolated worker. The documented
/// differences are in <see cref="RequestTable"/> and <see cref="Comparison"/>.
/// </summary>
public sealed class SameResponseTests(ThreeWays ways) : IClassFixture<ThreeWays>
{
    public static TheoryData<string> Rows => [.. RequestTable.Rows.Keys];

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Response_is_the_same_in_the_three_ways_of_running(string name)
    {
        var row = RequestTable.Rows[name];
        var (alone, handler, worker) = await ways.SendAsync(row);

        Assert.Equal(
            (row.Status, row.BehindHost ?? row.Status, row.InWorker ?? row.BehindHost ?? row.Status),
            ((int)alone.Status, (int)handler.Status, (int)worker.Status));
        if (row.InWorker is null)
            Assert.Equal(Comparison.TextOf(handler, row), Comparison.TextOf(worker, row));
        if (row.BehindHost is null)
            Assert.Equal(Comparison.TextOf(alone, row), Comparison.TextOf(handler, row));
    }
}
