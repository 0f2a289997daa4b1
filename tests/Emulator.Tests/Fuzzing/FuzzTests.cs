using System.Collections.Concurrent;
using CsCheck;

namespace Lookup.Emulator.Tests.Fuzzing;

public sealed class FuzzTests
{
    private const int Requests = 20_000;

    [Fact]
    public async Task Random_requests_never_cause_a_500_and_well_framed_ones_get_a_response()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var own = await OwnEmulator.StartAsync(new CosmosEmulatorOptions { Ranges = 4 });
        var generator = new RequestGenerator(own.Emulator, own.Container.Database.Id, own.Container.Id);
        var idle = new ConcurrentBag<WireConnection>();
        var statuses = new ConcurrentDictionary<int, int>();

        // The requests are generated sequentially from one seed, so that every run sends the same ones, and are sent concurrently.
        await Parallel.ForEachAsync(Generate(generator.Request), cancellation, async (request, _) =>
        {
            if (!idle.TryTake(out var connection)) connection = new WireConnection(own.Emulator.Port);
            var status = await connection.SendAsync(request);
            idle.Add(connection);
            statuses.AddOrUpdate(status ?? 0, 1, (_, count) => count + 1);
            Assert.True(status is not null || !request.IsFramed, $"The connection was closed without a response to:\n{request}");
            Assert.False(status == 500, $"The response was 500 to:\n{request}");
        });

        foreach (var connection in idle) connection.Dispose();
        Assert.Equal(0, await own.Control.StatAsync("failures"));
        // The generator is useful only if its requests also succeed, and if they cover all of these statuses.
        Assert.All([200, 201, 204, 304, 400, 401, 404, 405, 409, 410, 412], status => Assert.True(statuses.ContainsKey(status), $"No response had status {status}."));
        await own.Container.UpsertItemAsync(UserItem.Number(1), new("u1"), cancellationToken: cancellation);
    }

    private static IEnumerable<WireRequest> Generate(Gen<WireRequest> generator)
    {
        var random = new PCG(stream: 1, seed: 20_000);
        for (var i = 0; i < Requests; i++) yield return generator.Generate(random, null, out _);
    }
}
