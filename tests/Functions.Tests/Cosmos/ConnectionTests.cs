using Lookup.Emulator;
using Lookup.Functions.Support;
using Lookup.Functions.Tests.Support;
using Lookup.Support;
using Microsoft.Extensions.Logging;

namespace Lookup.Functions.Tests.Cosmos;

/// <summary>Connections to emulators: an account that names another address, and a certificate that is not trusted.</summary>
public sealed class ConnectionTests
{
    private static readonly (string, string) Logged = ("Logging__LogLevel__Default", "Information");
    private static readonly (string, string) ShortDeadline = ("Lookup__ReadDeadline", "00:00:02");

    [Theory]
    [InlineData(null)]
    [InlineData("true")]
    public async Task Account_that_names_another_address_is_used_at_its_endpoint(string? limit)
    {
        await using var store = await Store.StartAsync();
        await store.PutUserAsync("ada");
        await store.SetAccountAddressAsync($"http://127.0.0.1:{FreePort.Next()}/");
        (string, string)[] settings = limit is null ? [] : [("Lookup__LimitToEndpoint", limit)];
        await using var service = await Service.StartAsync(store, null, settings);

        Assert.Equal(200, (int)(await service.GetAsync("/api/users/ada")).Status);
    }

    [Fact]
    public async Task Account_that_names_an_unreachable_address_is_reported_with_both_addresses_and_the_setting()
    {
        await using var store = await Store.StartAsync();
        var other = $"http://127.0.0.1:{FreePort.Next()}/";
        await store.SetAccountAddressAsync(other);
        var logs = new LogCapture();
        await using var service = await Service.StartUnarmedAsync(
            store.ConnectionString, logs.AddTo, Logged, ShortDeadline, ("Lookup__LimitToEndpoint", "false"));

        await Eventually.IsTrueAsync(() => logs.Lines.Any(line => line.Id.Id == 1702), "the reason is logged");

        var line = logs.Lines.First(line => line.Id.Id == 1702).Text;
        Assert.Contains($"Requests are sent to {other}, because the account at {store.Endpoint} responded and names this as its address.", line);
        Assert.Contains("set Lookup__LimitToEndpoint to true", line);
        var ready = await service.GetAsync("/api/health/ready");
        ready.ShouldBeProblem(503, "not-ready");
        Assert.Contains(other, ready.Text);
    }

    [Fact]
    public async Task Account_that_cannot_be_reached_is_reported_with_its_address()
    {
        var endpoint = $"http://127.0.0.1:{FreePort.Next()}/";
        var logs = new LogCapture();
        await using var service = await Service.StartUnarmedAsync(
            $"AccountEndpoint={endpoint};AccountKey={CosmosEmulator.AccountKey}", logs.AddTo, Logged, ShortDeadline);

        await Eventually.IsTrueAsync(() => logs.Lines.Any(line => line.Id.Id == 1702), "the reason is logged");

        Assert.Contains($"Requests are sent to {endpoint}.", logs.Lines.First(line => line.Id.Id == 1702).Text);
    }

    [Fact]
    public async Task Certificate_that_is_not_trusted_is_accepted_if_the_connection_string_disables_its_validation()
    {
        await using var store = await Store.StartAsync();
        await store.PutUserAsync("ada");
        await using var proxy = new TlsProxy(store.Endpoint);
        var logs = new LogCapture();
        await using var service = await Service.StartUnarmedAsync(
            $"AccountEndpoint={proxy.Endpoint};AccountKey={CosmosEmulator.AccountKey};DisableServerCertificateValidation=True;", logs.AddTo, Logged);

        Assert.Equal(200, (int)(await service.GetAsync("/api/users/ada")).Status);
        Assert.Contains(
            $"The certificate of {proxy.Endpoint} is not verified",
            Assert.Single(logs.Lines, line => line.Id.Id == 1007).Text);
    }

    [Theory]
    [InlineData("")]
    [InlineData("DisableServerCertificateValidation=False;")]
    public async Task Certificate_that_is_not_trusted_is_rejected_and_reported(string part)
    {
        await using var store = await Store.StartAsync();
        await using var proxy = new TlsProxy(store.Endpoint);
        var logs = new LogCapture();
        await using var service = await Service.StartUnarmedAsync(
            $"AccountEndpoint={proxy.Endpoint};AccountKey={CosmosEmulator.AccountKey};{part}", logs.AddTo, Logged, ShortDeadline, ("Lookup__ConnectionMode", "Gateway"));

        (await service.GetAsync("/api/users/ada")).ShouldBeProblem(503, "store-unavailable");
        await Eventually.IsTrueAsync(() => logs.Lines.Any(line => line.Id.Id == 1702), "the reason is logged");

        Assert.Contains($"Requests are sent to {proxy.Endpoint}.", logs.Lines.First(line => line.Id.Id == 1702).Text);
        Assert.DoesNotContain(logs.Lines, line => line.Id.Id == 1007);
    }

    [Fact]
    public async Task Unknown_part_of_the_connection_string_is_logged_and_has_no_effect()
    {
        await using var store = await Store.StartAsync();
        await store.PutUserAsync("ada");
        var logs = new LogCapture();
        await using var service = await Service.StartUnarmedAsync($"{store.ConnectionString.TrimEnd(';')};Database=other;", logs.AddTo, Logged);

        Assert.Equal(200, (int)(await service.GetAsync("/api/users/ada")).Status);
        var line = Assert.Single(logs.Lines, line => line.Id.Id == 1002);
        Assert.Equal(LogLevel.Warning, line.Level);
        Assert.StartsWith("'database' in CosmosConnection is not a setting of this service and has no effect.", line.Text);
    }
}
