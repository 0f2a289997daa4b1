using Lookup.Domain.SharedTier;
using Lookup.Functions.SharedTier.Guarding;
using Lookup.Support;
using Microsoft.Extensions.Time.Testing;

namespace Lookup.Functions.Tests.SharedTier;

public sealed class GuardedTierTests : IDisposable
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly SharedTierException Failure = new("planted");

    private readonly FakeTimeProvider _time = new();
    private readonly GatedTier _inner = new() { Value = new byte[] { 1 } };
    private readonly GuardedTierOptions _options = new() { FailuresBeforeBreak = 3, MaxReads = 4, MaxWriters = 1 };
    private readonly GuardedTier _tier;

    public GuardedTierTests() => _tier = new GuardedTier(_inner, _options, _time);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _tier.Dispose();

    [Fact]
    public async Task Hits_and_misses_are_counted_per_key()
    {
        await _tier.GetAsync("a", Token);
        await _tier.GetManyAsync(["a", "b", "c"], Token);
        _inner.Value = null;
        await _tier.GetAsync("a", Token);

        Assert.Equal((3, 2), (_tier.Statistics.Hits, _tier.Statistics.Misses));
    }

    [Fact]
    public async Task Read_of_a_tier_that_hangs_ends_at_the_limit()
    {
        _inner.Hold();
        var read = ReadAsync();
        await _inner.ArrivedAsync();
        _time.Advance(_options.Timeout - TimeSpan.FromMilliseconds(1));
        Assert.False(read.IsCompleted);

        _time.Advance(TimeSpan.FromMilliseconds(1));

        await FailsAsync(read);
        Assert.Equal((1, 0), (_tier.Statistics.Timeouts, _tier.Statistics.Failures));
    }

    [Fact]
    public async Task Reads_fail_at_once_after_consecutive_failures_until_a_probe_succeeds_in_the_background()
    {
        _inner.Failure = Failure;
        for (var i = 0; i < _options.FailuresBeforeBreak; i++)
            await FailsAsync(ReadAsync());
        Assert.Equal(_options.FailuresBeforeBreak, _inner.Calls.Count);

        await FailsAsync(ReadAsync());
        Assert.Equal(_options.FailuresBeforeBreak, _inner.Calls.Count);
        Assert.Equal((3, 1, 1), (_tier.Statistics.Failures, _tier.Statistics.Refused, _tier.Statistics.Opened));

        // The probe is held: its caller and the others fail meanwhile, and no second probe is sent.
        _inner.Failure = null;
        _inner.Hold();
        _time.Advance(_options.Break);
        await FailsAsync(ReadAsync());
        await FailsAsync(ReadAsync());
        for (var i = 0; i <= _options.FailuresBeforeBreak; i++)
            await _inner.ArrivedAsync();
        Assert.Equal(_options.FailuresBeforeBreak + 1, _inner.Calls.Count);
        Assert.False(_tier.ServesReads);

        _inner.Release();
        await Eventually.IsTrueAsync(() => _tier.ServesReads, "the probe closes the circuit");
        Assert.NotNull(await ReadAsync());
    }

    [Fact]
    public async Task Probe_that_fails_or_hangs_keeps_the_circuit_open_for_another_break()
    {
        _inner.Failure = Failure;
        for (var i = 0; i < _options.FailuresBeforeBreak; i++)
            await FailsAsync(ReadAsync());
        _time.Advance(_options.Break);
        await FailsAsync(ReadAsync());
        await Eventually.IsTrueAsync(() => _tier.Statistics.Opened == 2, "the probe has failed");

        _inner.Failure = null;
        _inner.Hold();
        _time.Advance(_options.Break);
        await FailsAsync(ReadAsync());
        await Eventually.IsTrueAsync(() => _inner.Calls.Count == 5, "the second probe is sent");
        _time.Advance(_options.Timeout);
        await Eventually.IsTrueAsync(() => _tier.Statistics.Opened == 3, "the second probe has reached its limit");

        await FailsAsync(ReadAsync());
        Assert.Equal(5, _inner.Calls.Count);
    }

    [Fact]
    public async Task Success_in_between_restarts_the_count_of_failures()
    {
        for (var i = 0; i < 10; i++)
        {
            _inner.Failure = i % _options.FailuresBeforeBreak == 0 ? null : Failure;
            await ReadAsync().ContinueWith(_ => { }, TaskScheduler.Default);
        }

        Assert.True(_tier.ServesReads);
    }

    [Fact]
    public async Task Caller_that_gives_up_early_does_not_hide_a_tier_that_hangs()
    {
        _inner.Hold();
        for (var i = 0; i < _options.FailuresBeforeBreak; i++)
        {
            using var impatient = new CancellationTokenSource();
            var read = _tier.GetAsync("a", impatient.Token).AsTask();
            await _inner.ArrivedAsync();
            await impatient.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Eventually.EndsAsync(read, "the canceled read"));
        }

        Assert.True(_tier.ServesReads);
        _time.Advance(_options.Timeout);
        await Eventually.IsTrueAsync(() => !_tier.ServesReads, "the calls reach their limit and open the circuit");
    }

    [Fact]
    public async Task Reads_beyond_the_limit_fail_at_once_and_do_not_open_the_circuit()
    {
        _inner.Hold();
        var waiting = Enumerable.Range(0, _options.MaxReads).Select(_ => ReadAsync()).ToArray();

        for (var i = 0; i < 10; i++)
            await FailsAsync(ReadAsync());

        Assert.True(_tier.ServesReads);
        _inner.Release();
        await Eventually.EndsAsync(Task.WhenAll(waiting), "the reads that were held");
        Assert.NotNull(await ReadAsync());
        Assert.Equal(10, _tier.Statistics.Refused);
    }

    [Fact]
    public async Task Writes_are_queued_and_the_newest_of_a_key_wins()
    {
        _inner.Hold();
        await SetAsync("first", 1);
        await _inner.ArrivedAsync();
        await SetAsync("a", 1);
        await SetAsync("b", 1);
        await SetAsync("a", 2);

        _inner.Release();
        await Tiers.WrittenAsync(_tier);

        Assert.Equal(["set first 1", "set b 1", "set a 2"], _inner.Calls);
        Assert.Equal((3, 0), (_tier.Statistics.Writes, _tier.Statistics.DroppedWrites));
    }

    [Fact]
    public async Task Delete_drops_the_queued_write_of_its_key()
    {
        _inner.Hold();
        await SetAsync("first", 1);
        await _inner.ArrivedAsync();
        await SetAsync("a", 1);
        await SetAsync("b", 1);

        var delete = _tier.DeleteAsync("a", Token).AsTask();
        _inner.Release();
        await Eventually.EndsAsync(delete, "the delete");
        await Tiers.WrittenAsync(_tier);

        Assert.Equal(["delete", "set b 1", "set first 1"], _inner.Calls.Order());
    }

    [Fact]
    public async Task Value_that_is_too_large_is_counted_and_not_written()
    {
        await SetAsync("a", _options.MaxValueBytes);
        await SetAsync("b", _options.MaxValueBytes + 1);
        await Assert.ThrowsAsync<SharedTierException>(async () => await _tier.TryAddAsync("c", new byte[_options.MaxValueBytes + 1], Hour, Token));
        await Tiers.WrittenAsync(_tier);

        Assert.Equal([$"set a {_options.MaxValueBytes}"], _inner.Calls);
        Assert.Equal(2, _tier.Statistics.TooLarge);
    }

    [Fact]
    public async Task Writes_are_dropped_while_their_circuit_is_open_and_reads_go_on()
    {
        _inner.Failure = Failure;
        for (var i = 0; i < _options.FailuresBeforeBreak; i++)
        {
            await SetAsync("a", 1);
            await Tiers.WrittenAsync(_tier);
        }

        _inner.Failure = null;
        await SetAsync("a", 1);
        await Tiers.WrittenAsync(_tier);
        await FailsAsync(_tier.DeleteAsync("a", Token).AsTask());
        Assert.Equal((0, 1, 1), (_tier.Statistics.Writes, _tier.Statistics.DroppedWrites, _tier.Statistics.Refused));
        Assert.NotNull(await ReadAsync());

        _time.Advance(_options.Break);
        await SetAsync("a", 1);
        await Tiers.WrittenAsync(_tier);
        await _tier.DeleteAsync("a", Token);
        Assert.Equal(1, _tier.Statistics.Writes);
    }

    [Fact]
    public async Task Exception_that_a_tier_must_not_throw_is_a_failure_like_any_other()
    {
        _inner.Failure = new InvalidOperationException("secret");

        var error = await FailsAsync(ReadAsync());
        await SetAsync("a", 1);
        await Tiers.WrittenAsync(_tier);

        Assert.DoesNotContain("secret", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(2, _tier.Statistics.Failures);
    }

    [Fact]
    public async Task Dispose_drops_the_queue_without_waiting_for_a_tier_that_hangs()
    {
        _inner.Hold();
        await SetAsync("first", 1);
        await _inner.ArrivedAsync();
        await SetAsync("a", 1);
        await SetAsync("b", 1);

        _tier.Dispose();

        Assert.True(_inner.IsDisposed);
        await SetAsync("c", 1);
        await FailsAsync(ReadAsync());
        Assert.Equal(3, _tier.Statistics.DroppedWrites);
        _time.Advance(_options.Timeout);
        await Eventually.IsTrueAsync(() => _tier.IsIdle, "the writer has ended");
        Assert.Equal(["set first 1"], _inner.Calls);
    }

    private static async Task<SharedTierException> FailsAsync(Task call) =>
        await Assert.ThrowsAsync<SharedTierException>(() => Eventually.EndsAsync(call, "the call"));

    private Task<ReadOnlyMemory<byte>?> ReadAsync() => _tier.GetAsync("a", Token).AsTask();

    private async Task SetAsync(string key, int size) => await _tier.SetAsync(key, new byte[size], Hour, Token);
}
