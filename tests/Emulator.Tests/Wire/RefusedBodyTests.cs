using System.Net;

namespace Lookup.Emulator.Tests.Wire;

/// <summary>Requests that are refused while their body is still on its way: the client sees the answer, whoever it is.</summary>
public sealed class RefusedBodyTests
{
    // More than the buffers between a client and the endpoint take in, so that the client still sends when it is refused.
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
    public Task Large_body_that_is_refused_is_answered_and_its_connection_goes_on(string method, string path, HttpStatusCode expected) =>
        RefuseAndGoOnAsync(method, path, expected, _ => { });

    [Theory]
    [MemberData(nameof(Refusals))]
    public Task Large_body_of_unknown_length_that_is_refused_is_answered_and_its_connection_goes_on(string method, string path, HttpStatusCode expected) =>
        RefuseAndGoOnAsync(method, path, expected, own => own.Raw.Change = request => request.Headers.TransferEncodingChunked = true);

    [Fact]
    public Task Large_body_with_a_bad_signature_is_answered_401_and_its_connection_goes_on() => RefuseAndGoOnAsync(
        "POST", "{container}/docs", HttpStatusCode.Unauthorized, own => own.Raw.Change = request => request.Headers.Remove("authorization"));

    [Fact]
    public async Task Large_body_that_meets_a_fault_is_answered_and_its_connection_goes_on()
    {
        await using var own = await OwnEmulator.StartAsync();
        await own.Control.AddFaultAsync(new { operation = "create", status = 503, count = 1 });

        await RefuseAndGoOnAsync(own, "POST", $"{own.Path}/docs", HttpStatusCode.ServiceUnavailable, _ => { });
    }

    private static async Task RefuseAndGoOnAsync(string method, string path, HttpStatusCode expected, Action<OwnEmulator> configure)
    {
        await using var own = await OwnEmulator.StartAsync();
        await RefuseAndGoOnAsync(own, method, path.Replace("{container}", own.Path), expected, configure);
    }

    // The request that follows has a body, so that HttpClient does not quietly send it again if the connection was closed under it.
    private static async Task RefuseAndGoOnAsync(
        OwnEmulator own, string method, string path, HttpStatusCode expected, Action<OwnEmulator> configure)
    {
        configure(own);
        var (refused, body, answer) = await own.Raw.SendAsync(method, path, LargeJson);
        own.Raw.Change = _ => { };
        var (next, _, _) = await own.Raw.SendAsync("POST", $"{own.Path}/docs", """{"id":"u1","userId":"u1"}""");

        Assert.Equal((expected, HttpStatusCode.Created), (refused, next));
        Assert.Contains("message", body);
        Assert.NotEqual(true, answer.Headers.ConnectionClose);
    }
}
