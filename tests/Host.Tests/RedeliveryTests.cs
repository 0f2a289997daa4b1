using System.Text.Json;
using Lookup.Host.Tests.Driver;

namespace Lookup.Host.Tests;

/// <summary>Tests that no batch is lost, whichever of the processes and connections that deliver it fails.</summary>
public sealed class RedeliveryTests(PublishedApp app)
{
    private const int Batches = 1000;
    private const int UsersPerBatch = 3;
    private const int Users = 30;

    private enum Failure
    {
        None,
        BreaksOff,
        ResponseIsLost,
        HandlerIsKilled,
        HandlerIsStopped,
    }

    /// <summary>
    /// Each batch contains changes of users that are cached in the previous version. If a batch were lost, that version would stay
    /// cached, because nothing else evicts it.
    /// </summary>
    [Fact]
    public async Task Batches_are_all_applied_despite_failures_during_delivery()
    {
        var random = new Random(20_11);
        await using var store = await TriggerContractTests.StartStoreAsync();
        var driver = await HostDriver.StartAsync(app, store.ConnectionString, TriggerContractTests.TriggerOnly);
        var redelivered = 0;
        try
        {
            for (var batch = 1; batch <= Batches; batch++)
            {
                var ids = Enumerable.Range(0, UsersPerBatch).Select(next => $"u{(batch * UsersPerBatch + next) % Users}").ToArray();
                foreach (var id in ids)
                    await store.PutUserAsync(id, batch);
                var text = $"[{string.Join(',', ids.Select(id => TriggerPayloads.Latest(id)))}]";

                // An unlimited retry policy: the same batch is delivered until it succeeds, to a new process if the old one has ended.
                var failure = Choose(random);
                while (true)
                {
                    var delivery = await DeliverAsync(driver, text, failure);
                    if (delivery.Verdict == Verdict.Succeeded)
                        break;

                    Assert.Equal(Verdict.Failed, delivery.Verdict);
                    redelivered++;
                    if (failure is Failure.HandlerIsKilled or Failure.HandlerIsStopped)
                    {
                        Assert.NotEqual(0, await driver.AwaitEndAsync()); // after exit code 0 the host would not start another process
                        await driver.DisposeAsync();
                        driver = await HostDriver.StartAsync(app, store.ConnectionString, TriggerContractTests.TriggerOnly);
                    }

                    failure = Failure.None;
                }

                foreach (var id in ids)
                    Assert.Equal(batch, await VersionAsync(driver, id));
            }
        }
        finally
        {
            await driver.DisposeAsync();
        }

        Assert.InRange(redelivered, Batches / 10, Batches); // failures occurred
    }

    private static Failure Choose(Random random) => random.Next(1000) switch
    {
        < 100 => Failure.BreaksOff,
        < 200 => Failure.ResponseIsLost,
        < 204 => Failure.HandlerIsKilled,
        < 208 => Failure.HandlerIsStopped,
        _ => Failure.None,
    };

    private static async Task<Delivery> DeliverAsync(HostDriver driver, string batch, Failure failure)
    {
        switch (failure)
        {
            case Failure.BreaksOff:
                var broken = Task.FromException(new IOException("The connection broke off."));
                return await driver.PostAsync(new ChunkedContent(TriggerPayloads.Documented(batch), broken));
            case Failure.ResponseIsLost:
                return await driver.DeliverAsync(batch) with { Verdict = Verdict.Failed };
            case Failure.HandlerIsKilled or Failure.HandlerIsStopped:
                var middle = new TaskCompletionSource();
                var delivery = driver.PostAsync(new ChunkedContent(TriggerPayloads.Documented(batch), middle.Task));
                await driver.SignalHandlerAsync(failure == Failure.HandlerIsKilled ? "KILL" : "TERM");
                await Eventually.IsTrueAsync(() => driver.IsEnding, "the process is ending");
                middle.SetResult();
                return await delivery;
            default:
                return await driver.DeliverAsync(batch);
        }
    }

    private static async Task<int> VersionAsync(HostDriver driver, string id)
    {
        using var response = await driver.GetUserAsync(id);
        using var user = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancel.Token));
        return user.RootElement.GetProperty("version").GetInt32();
    }
}
