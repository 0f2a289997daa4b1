using System.Net;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Time.Testing;

namespace Lookup.Emulator.Tests.Documents;

public sealed class ThroughputTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Exceeded_throughput_returns_429_3200_and_recovers_a_second_later()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var options = new CosmosEmulatorOptions { EnforceThroughput = true, TimeProvider = clock };
        await using var own = await OwnEmulator.StartAsync(options, client => client.MaxRetryAttemptsOnRateLimitedRequests = 0, throughput: 400);

        var error = await Assert.ThrowsAsync<CosmosException>(async () =>
        {
            for (var number = 0; number < 200; number++) await SaveAsync(own, number);
        });
        clock.Advance(TimeSpan.FromSeconds(1));
        await SaveAsync(own, 1000);

        Assert.Equal((HttpStatusCode.TooManyRequests, 3200), (error.StatusCode, error.SubStatusCode));
        Assert.InRange(error.RetryAfter!.Value, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(1));
        // 400 RU pay for 72 creations of 5.5 RU and the one that exceeds the budget.
        Assert.InRange(await own.Control.StatAsync("creates"), 70, 80);
    }

    [Fact]
    public async Task Throughput_is_unlimited_unless_configured()
    {
        await using var own = await OwnEmulator.StartAsync(throughput: 400);

        for (var number = 0; number < 200; number++) await SaveAsync(own, number);

        Assert.Equal(200, await own.Control.StatAsync("creates"));
    }

    private static Task SaveAsync(OwnEmulator own, int number) =>
        own.Container.CreateItemAsync(UserItem.Number(number), new($"u{number}"), cancellationToken: Cancellation);
}
