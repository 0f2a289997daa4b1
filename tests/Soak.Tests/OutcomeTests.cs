using System.Text;
using Lookup.Soak.Checking;

namespace Lookup.Soak.Tests;

/// <summary>Tests which outcome a problem of the service is counted as. An outcome that is not known is reported as a violation.</summary>
public sealed class OutcomeTests
{
    [Theory]
    [InlineData(404, "user-not-found", "", nameof(Outcome.NoSuchUser))]
    [InlineData(504, "not-cached", "", nameof(Outcome.NotCached))]
    [InlineData(503, "overloaded", "Too many large responses are being prepared or written.", nameof(Outcome.Overloaded))]
    [InlineData(503, "store-unavailable", "Too many reads are in flight.", nameof(Outcome.Overloaded))]
    [InlineData(503, "store-unavailable", "The store did not respond in time.", nameof(Outcome.StoreTimedOut))]
    [InlineData(503, "store-unavailable", "The store denied access.", nameof(Outcome.StoreRefused))]
    [InlineData(503, "store-unavailable", "The store cannot be reached.", nameof(Outcome.StoreUnreachable))]
    [InlineData(503, "another-problem", "", nameof(Outcome.Unexplained))]
    [InlineData(500, "overloaded", "", nameof(Outcome.Unexplained))]
    public void Problem_has_an_outcome(int status, string type, string detail, string outcome)
    {
        var body = Encoding.UTF8.GetBytes($$"""{"type":"urn:lookup:problem:{{type}}","detail":"{{detail}}"}""");

        Assert.Equal(outcome, Outcomes.OfProblem(status, body).ToString());
    }
}
