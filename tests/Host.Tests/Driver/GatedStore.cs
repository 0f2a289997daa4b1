using Microsoft.Extensions.Time.Testing;

namespace Lookup.Host.Tests.Driver;

/// <summary>A store whose reads wait at a gate that only the test opens. The delays of the store are on a clock that the test advances.</summary>
internal sealed class GatedStore : IAsyncDisposable
{
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider _time;

    private GatedStore(Store store, FakeTimeProvider time) => (Store, _time) = (store, time);

    public Store Store { get; }

    public static async Task<GatedStore> StartAsync()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        return new GatedStore(await Store.StartAsync(time: time), time);
    }

    /// <summary>Closes the gate for reads of users.</summary>
    /// <param name="ids">The ids, with <c>*</c> for any characters.</param>
    public Task CloseAsync(string ids) =>
        Store.AddFaultAsync($$"""{"operation":"pointRead","path":"*/docs/{{ids}}","delayMs":{{Delay.TotalMilliseconds}},"delay":"answer"}""");

    /// <summary>Waits until a number of reads have reached the gate.</summary>
    public Task AwaitReadsAsync(int count) =>
        Eventually.IsTrueAsync(async () => await Store.FaultHitsAsync() >= count, $"{count} reads have reached the store");

    /// <summary>Opens the gate until the responses have arrived.</summary>
    public async Task OpenAsync(Task responses)
    {
        // A read may be counted before it waits, so one step is not enough.
        await Eventually.IsTrueAsync(
            () =>
            {
                _time.Advance(Delay);
                return responses.IsCompleted;
            },
            "the responses arrive after the gate was opened");
        await Store.ClearFaultsAsync();
    }

    public ValueTask DisposeAsync() => Store.DisposeAsync();
}
