using Lookup.Functions.Cosmos;

namespace Lookup.Functions.Tests.Cosmos;

public sealed class FailureReasonTests
{
    [Theory]
    [InlineData(null, "")]
    [InlineData("", "")]
    [InlineData("{}", "{}")]
    [InlineData("<html>Blocked by\r\n  the proxy.</html>", "<html>Blocked by the proxy.</html>")]
    [InlineData("""{"code":"Forbidden","message":"Request blocked by the firewall.\r\nActivityId: 4d4ddb5e, Microsoft.Azure.Documents.Common/2.14.0"}""", "Request blocked by the firewall.")]
    [InlineData("""{"code":"429","message":"Message: {\"Errors\":[\"Request rate is large.\",\"More.\"]}\r\nActivityId: 4d4ddb5e, Request URI: /apps/x/services/y"}""", "Request rate is large. More.")]
    [InlineData("""{"code":"BadRequest","message":"{\"errors\":[{\"severity\":\"Error\",\"code\":\"SC1001\",\"message\":\"Syntax error, incorrect syntax near SELECT.\"}]}"}""", "Syntax error, incorrect syntax near SELECT.")]
    [InlineData("Response status code does not indicate success: Forbidden (403); Substatus: 0; ActivityId: 4d4d; Reason: (The token is not valid.ActivityId: 4d4d, x);", "The token is not valid.")]
    [InlineData("code : Forbidden\r\nmessage : Blocked by the firewall.\r\nActivityId: 4d4d", "Blocked by the firewall.")]
    [InlineData("Principal [x] lacks permissions for [Microsoft.DocumentDB/databaseAccounts/readMetadata] on [dbs/lookup/colls/users].", "Principal [x] lacks permissions for [Microsoft.DocumentDB/databaseAccounts/readMetadata] on [dbs/lookup/colls/users].")]
    public void Innermost_message_is_the_reason(string? text, string expected)
    {
        Assert.Equal(expected, FailureReason.Of(text));
    }

    [Theory]
    [InlineData("It can't serve the request. Signed text: 'get\ndocs\ndbs/lookup/colls/users/docs/grace'.", "It can't serve the request. Signed text: '…'.")]
    [InlineData("Signed text: 'get\ndbs/lookup/colls/users/docs/o'neil' and' grace'.", "Signed text: '…'.")]
    [InlineData("Partition key [\"grace\",\"x\"] is invalid.", "Partition key [\"…\"] is invalid.")]
    [InlineData("Not found: dbs/lookup/colls/users/docs/grace hopper, please retry.", "Not found: dbs/lookup/colls/users/docs/…")]
    public void Quoted_parts_of_the_request_are_left_out(string text, string expected)
    {
        Assert.Equal(expected, FailureReason.Of(text));
    }

    [Fact]
    public void Length_is_limited()
    {
        Assert.Equal(501, FailureReason.Of(new string('x', 10_000)).Length);
    }
}
