using System.Security.Cryptography;
using Lookup.Functions.Support;
using Lookup.Functions.Tests.Support;
using Lookup.Support;

namespace Lookup.Functions.Tests.Cosmos;

/// <summary>The reason of Cosmos DB for a failure is in the log, and not in the response.</summary>
public sealed class DiagnosisTests
{
    private const string Injected = "Injected by the fault injector of this endpoint";

    private static readonly (string, string) Logged = ("Logging__LogLevel__Default", "Information");

    [Theory]
    [InlineData("""{"operation":"pointRead","status":500}""", "/api/users/ada", "Cosmos DB returned an error (500/0).")]
    [InlineData("""{"operation":"pointRead","status":403,"substatus":5300}""", "/api/users/ada", "Cosmos DB rejected the key or the identity (403/5300).")]
    [InlineData("""{"operation":"query","status":500}""", "/api/users?email=ada%40example.com", "Cosmos DB returned an error (500/0).")]
    [InlineData("""{"operation":"query","status":400}""", "/api/users?email=ada%40example.com", "Cosmos DB rejected the request (400/0).")]
    public async Task Failure_of_a_lookup_is_logged_with_the_reason_and_the_activity_id(string fault, string target, string expected)
    {
        await using var store = await Store.StartAsync();
        var logs = new LogCapture();
        await using var service = await Service.StartAsync(store, logs.AddTo, Logged);
        await store.AddFaultAsync(fault);

        var response = await service.GetAsync(target);

        response.ShouldBeProblem(503, "store-unavailable");
        Assert.DoesNotContain("Injected", response.Text);
        Assert.DoesNotContain("ctivity", response.Text);
        var line = Assert.Single(logs.Lines, line => line.Id.Id == 1201).Text;
        Assert.Contains(expected, line);
        Assert.Matches($"Reason: {Injected}\\. Activity id: [0-9a-f]{{8}}-[0-9a-f-]{{27}}\\.", line);
    }

    [Fact]
    public async Task Failure_of_the_feed_is_logged_with_the_reason_and_the_activity_id()
    {
        await using var store = await Store.StartAsync();
        var logs = new LogCapture();
        await using var service = await Service.StartAsync(store, logs.AddTo, Logged);
        await store.AddFaultAsync("""{"operation":"feedPoll","status":500}""");

        await Eventually.IsTrueAsync(
            async () =>
            {
                await service.GetAsync("/api/users/ada");
                return logs.Lines.Any(line => line.Id.Id == 1104);
            },
            "the failure is logged");

        Assert.Matches($"Reason: {Injected}\\. Activity id: [0-9a-f]{{8}}-[0-9a-f-]{{27}}\\.", logs.Lines.First(line => line.Id.Id == 1104).Text);
    }

    [Theory]
    [InlineData(60)]
    [InlineData(-60)]
    public async Task Clock_that_differs_from_the_clock_of_the_store_is_named(int minutesAhead)
    {
        await using var store = await Store.StartAsync();
        var logs = new LogCapture();
        await using var service = await Service.StartAsync(store, logs.AddTo, Logged);
        await store.SetClockAheadAsync(TimeSpan.FromMinutes(minutesAhead));

        (await service.GetAsync("/api/users/ada")).ShouldBeProblem(503, "store-unavailable");

        var line = Assert.Single(logs.Lines, line => line.Id.Id == 1201).Text;
        Assert.Contains("the clock of this machine differs from the clock of Cosmos DB", line);
        Assert.Contains("current server time:", line);
        Assert.DoesNotContain("rejected the key or the identity", line);
        await store.SetClockAheadAsync(TimeSpan.Zero);
        await Eventually.IsTrueAsync(async () => (int)(await service.GetAsync("/api/users/ada")).Status == 404, "the store is read again");
    }

    [Fact]
    public async Task Clock_that_differs_at_startup_is_named()
    {
        await using var store = await Store.StartAsync();
        await store.SetClockAheadAsync(TimeSpan.FromHours(1));
        var logs = new LogCapture();
        await using var service = await Service.StartUnarmedAsync(store.ConnectionString, logs.AddTo, Logged);

        await Eventually.IsTrueAsync(() => logs.Lines.Any(line => line.Id.Id == 1702), "the reason is logged");

        Assert.Contains("the clock of this machine differs from the clock of Cosmos DB", logs.Lines.First(line => line.Id.Id == 1702).Text);
    }

    /// <summary>Cosmos DB rejects a wrong signature with a message that quotes the signed text, which contains the id.</summary>
    [Fact]
    public async Task Wrong_key_is_logged_without_the_user_and_without_the_key()
    {
        var wrong = Convert.ToBase64String(RandomNumberGenerator.GetBytes(64));
        await using var store = await Store.StartAsync();
        var logs = new LogCapture();
        await using var service = await Service.StartUnarmedAsync(
            $"AccountEndpoint={store.Endpoint};AccountKey={wrong};", logs.AddTo, ("Logging__LogLevel__Default", "Debug"));

        (await service.GetAsync("/api/users/grace'%20hopper")).ShouldBeProblem(503, "store-unavailable");

        var line = Assert.Single(logs.Lines, line => line.Id.Id == 1201).Text;
        Assert.Contains("Cosmos DB rejected the key or the identity (401/0). Reason: The input authorization token can't serve the request.", line);
        Assert.DoesNotContain(logs.Lines, line => line.Text.Contains("hopper", StringComparison.Ordinal));
        Assert.DoesNotContain(logs.Lines, line => line.Text.Contains(wrong[..16], StringComparison.Ordinal));
    }
}
