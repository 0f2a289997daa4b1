using System.Net;
using System.Text.Json;
using Microsoft.Azure.Cosmos;

namespace Lookup.Emulator.Tests.Wire;

public sealed class AuthorizationTests
{
    private const string OtherKey = "b3RoZXIga2V5IG9mIGFuIGFjY291bnQgdGhhdCBpcyBubyBzZWNyZXQ=";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Request_signed_with_the_key_succeeds()
    {
        await using var own = await OwnEmulator.StartAsync();

        var (status, _, _) = await own.Raw.SendAsync("GET", own.Path);

        Assert.Equal(HttpStatusCode.OK, status);
    }

    [Fact]
    public async Task Request_signed_with_another_key_returns_401_with_the_expected_payload()
    {
        await using var own = await OwnEmulator.StartAsync();
        own.Raw.Key = OtherKey;

        var (status, body, _) = await own.Raw.SendAsync("GET", own.Path);

        Assert.Equal(HttpStatusCode.Unauthorized, status);
        var error = JsonDocument.Parse(body).RootElement;
        Assert.Equal("Unauthorized", error.GetProperty("code").GetString());
        Assert.Contains(own.Path, error.GetProperty("message").GetString());
    }

    [Theory]
    [InlineData("authorization", null)]
    [InlineData("authorization", "Bearer token")]
    [InlineData("authorization", "type%3Dmaster%26ver%3D1.0%26sig%3Dnot-base64!")]
    [InlineData("authorization", "type%3Dmaster%26ver%3D1.0%26sig%3DAAAA")]
    [InlineData("x-ms-date", null)]
    [InlineData("x-ms-date", "yesterday")]
    public async Task Request_without_a_valid_signature_returns_401(string header, string? value)
    {
        await using var own = await OwnEmulator.StartAsync();
        own.Raw.Change = request =>
        {
            request.Headers.Remove(header);
            if (value is not null) request.Headers.TryAddWithoutValidation(header, value);
        };

        var (status, body, _) = await own.Raw.SendAsync("GET", own.Path);

        Assert.Equal(HttpStatusCode.Unauthorized, status);
        Assert.Equal("Unauthorized", JsonDocument.Parse(body).RootElement.GetProperty("code").GetString());
    }

    [Theory]
    [InlineData(-60)]
    [InlineData(-16)]
    [InlineData(6)]
    [InlineData(60)]
    public async Task Request_signed_with_a_date_out_of_range_returns_403(int minutes)
    {
        await using var own = await OwnEmulator.StartAsync();
        own.Raw.Date = TimeProvider.System.GetUtcNow().AddMinutes(minutes);

        var (status, body, _) = await own.Raw.SendAsync("GET", own.Path);

        Assert.Equal(HttpStatusCode.Forbidden, status);
        Assert.Contains("not valid at the current time", body);
    }

    [Theory]
    [InlineData(-14)]
    [InlineData(4)]
    public async Task Request_signed_with_a_date_within_the_validity_is_accepted(int minutes)
    {
        await using var own = await OwnEmulator.StartAsync();
        own.Raw.Date = TimeProvider.System.GetUtcNow().AddMinutes(minutes);

        Assert.Equal(HttpStatusCode.OK, (await own.Raw.SendAsync("GET", own.Path)).Status);
    }

    [Theory]
    [InlineData(3_600_000, HttpStatusCode.Forbidden)]
    [InlineData(-3_600_000, HttpStatusCode.Forbidden)]
    [InlineData(0, HttpStatusCode.OK)]
    public async Task Clock_of_the_endpoint_can_be_set_apart_from_that_of_the_client(int aheadMs, HttpStatusCode expected)
    {
        await using var own = await OwnEmulator.StartAsync();
        await own.Control.SetClockAsync(7_200_000);
        await own.Control.SetClockAsync(aheadMs);

        Assert.Equal(expected, (await own.Raw.SendAsync("GET", own.Path)).Status);
    }

    [Fact]
    public async Task Signature_of_one_resource_is_not_valid_for_another()
    {
        await using var own = await OwnEmulator.StartAsync();
        var date = own.Raw.Date.ToString("r");
        own.Raw.Change = request =>
        {
            request.Headers.Remove("authorization");
            request.Headers.TryAddWithoutValidation("authorization", RawClient.Sign(own.Raw.Key, "GET", "docs", $"{own.Path}/docs/other", date));
        };

        var (status, _, _) = await own.Raw.SendAsync("GET", $"{own.Path}/docs/u1", headers: ("x-ms-documentdb-partitionkey", "[\"u1\"]"));

        Assert.Equal(HttpStatusCode.Unauthorized, status);
    }

    [Fact]
    public async Task Resource_addressed_by_RIDs_is_signed_with_the_last_of_them()
    {
        await using var own = await OwnEmulator.StartAsync();
        var self = (await own.Container.ReadContainerAsync(cancellationToken: Cancellation)).Resource.SelfLink;
        var rid = self.Trim('/').Split('/')[^1];
        own.Raw.Change = request =>
        {
            request.Headers.Remove("authorization");
            var signature = RawClient.Sign(own.Raw.Key, "GET", "colls", rid.ToLowerInvariant(), own.Raw.Date.ToString("r"));
            request.Headers.TryAddWithoutValidation("authorization", signature);
        };

        var (status, body, _) = await own.Raw.SendAsync("GET", self);

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains(own.Container.Id, body);
    }

    [Fact]
    public async Task Emulator_with_a_custom_key_rejects_the_published_one()
    {
        await using var own = await OwnEmulator.StartAsync(new CosmosEmulatorOptions { Key = OtherKey });
        using var client = Clients.Connect($"AccountEndpoint={own.Emulator.Endpoint};AccountKey={CosmosEmulator.AccountKey};");

        var error = await Assert.ThrowsAsync<CosmosException>(
            () => client.GetContainer("lookup", own.Container.Id).ReadContainerAsync(cancellationToken: Cancellation));

        Assert.Equal(HttpStatusCode.Unauthorized, error.StatusCode);
        Assert.Contains(OtherKey, own.Emulator.ConnectionString);
    }
}
