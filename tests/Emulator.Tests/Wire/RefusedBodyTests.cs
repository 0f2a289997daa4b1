using System.Net;

namespace Lookup.Emulator.Tests.Wire;

/// <summary>Tests that every client receives the response to a request that is rejected while its body is still being sent.</summary>
public sealed class RefusedBodyTests
{
    // Larger than the buffers between a client and the endpoint, so that the client is still sending when the request is rejected.
    private static readonly string LargeJson = new('x', 16 * 1024 * 1024);

    public static TheoryData<string, string, HttpStatusCode> Refusals { get; } = new()
    {
        { "POST", "{container}/docs", HttpStatusCode.RequestEntityTooLarge },
        { "POST", "dbs/nothing/colls", HttpStatusCode.NotFound },
        { "PUT", "dbs/lookup", HttpStatusCode.MethodNotAllowed },
        { "POST", "_emulator/nothing", HttpStatusCode.NotFound },
        { "POST", "_emulator/faults", HttpStatusCode.RequestEntityTooLarge },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public Task Rejected_large_body_gets_a_response_and_its_connection_stays_open(string method, string path, HttpStatusCode expected) =>
        RejectAndContinueAsync(method, path, expected, _ => { });

    [Theory]
    [MemberData(nameof(Refusals))]
    public Task Rejected_large_body_of_unknown_length_gets_a_response_and_its_connection_stays_open(string method, string path, HttpStatusCode expected) =>
        RejectAndContinueAsync(method, path, expected, own => own.Raw.Change = request => request.Headers.TransferEncodingChunked = true);

    [Fact]
    public Task Large_body_with_an_invalid_signature_gets_401_and_its_connection_stays_open() => RejectAndContinueAsync(
        "POST", "{container}/docs", HttpStatusCode.Unauthorized, own => own.Raw.Change = request => request.Headers.Remove("authorization"));

    [Fact]
    public async Task Large_body_that_triggers_a_fault_gets_a_response_and_its_connection_stays_open()
    {
        await using var own = await OwnEmulator.StartAsync();
        await own.Control.AddFaultAsync(new { operation = "create", status = 503, count = 1 });

        await RejectAndContinueAsync(own, "POST", $"{own.Path}/docs", HttpStatusCode.ServiceUnavailable, _ => { });
    }

    private static async Task RejectAndContinueAsync(string method, string path, HttpStatusCode expected, Action<OwnEmulator> configure)
    {
        await using var own = await OwnEmulator.StartAsync();
        await RejectAndContinueAsync(own, method, path.Replace("{container}", own.Path), expected, configure);
    }

    // The second request has a body, so that HttpClient does not silently retry it if the connection was closed.
    private static async Task RejectAndContinueAsync(
        OwnEmulator own, string method, string path, HttpStatusCode expected, Action<OwnEmulator> configure)
    {
        configure(own);
        var (rejected, body, response) = await own.Raw.SendAsync(method, path, LargeJson);
        own.Raw.Change = _ => { };
        var (next, _, _) = await own.Raw.SendAsync("POST", $"{own.Path}/docs", """{"id":"u1","userId":"u1"}""");

        Assert.Equal((expected, HttpStatusCode.Created), (rejected, next));
        Assert.Contains("message", body);
        Assert.NotEqual(true, response.Headers.ConnectionClose);
    }
}
