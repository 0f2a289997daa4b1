using System.Text;
using Lookup.Domain.SharedTier;

namespace Lookup.Contracts;

/// <summary>The contract tests for <see cref="ISharedTier"/>. The tier may be shared by the tests: each uses its own keys.</summary>
public abstract class SharedTierContract
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly string _prefix = Guid.NewGuid().ToString("N");

    /// <summary>The largest value that the tier must accept.</summary>
    protected virtual int MaxValueBytes => 1_000_000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Opens the tier.</summary>
    protected abstract Task<ISharedTier> OpenAsync();

    /// <summary>Waits until the tier has executed the writes that it has accepted.</summary>
    protected virtual Task SettleAsync(ISharedTier tier) => Task.CompletedTask;

    /// <summary>Waits until a time to live of one second has passed.</summary>
    protected abstract Task ExpireAsync(ISharedTier tier, string key);

    [Fact]
    public async Task Get_of_an_unknown_key_returns_null() => Assert.Null(await (await OpenAsync()).GetAsync(Key("none"), Token));

    [Fact]
    public async Task Get_returns_the_last_value_that_was_set()
    {
        var tier = await OpenAsync();
        await SetAsync(tier, Key("a"), "first");
        await SetAsync(tier, Key("a"), "second, and longer");

        Assert.Equal("second, and longer", await GetAsync(tier, Key("a")));
    }

    [Fact]
    public async Task Set_keeps_an_empty_value_apart_from_none()
    {
        var tier = await OpenAsync();
        await SetAsync(tier, Key("empty"), "");

        Assert.Equal("", await GetAsync(tier, Key("empty")));
    }

    [Fact]
    public async Task Set_keeps_every_byte()
    {
        var tier = await OpenAsync();
        byte[] value = [.. Enumerable.Range(0, 256).Select(i => (byte)i), .. "\r\nEN\r\nVA 3 O1\r\n"u8];
        await tier.SetAsync(Key("bytes"), value, Hour, Token);
        await SettleAsync(tier);

        Assert.Equal(value, (await tier.GetAsync(Key("bytes"), Token))!.Value.ToArray());
    }

    [Fact]
    public async Task Set_keeps_a_value_of_the_largest_size()
    {
        var tier = await OpenAsync();
        var value = new byte[MaxValueBytes];
        new Random(1).NextBytes(value);
        await tier.SetAsync(Key("large"), value, Hour, Token);
        await SettleAsync(tier);

        Assert.True((await tier.GetAsync(Key("large"), Token))!.Value.Span.SequenceEqual(value));
    }

    [Fact]
    public async Task Set_accepts_the_longest_key_and_the_longest_time_to_live()
    {
        var tier = await OpenAsync();
        var key = Key("").PadRight(200, '~');
        await tier.SetAsync(key, "value"u8.ToArray(), TimeSpan.FromDays(30), Token);
        await SettleAsync(tier);

        Assert.Equal("value", await GetAsync(tier, key));
    }

    [Fact]
    public async Task Value_expires_after_its_time_to_live()
    {
        var tier = await OpenAsync();
        await tier.SetAsync(Key("short"), "value"u8.ToArray(), TimeSpan.FromSeconds(1), Token);
        await SetAsync(tier, Key("long"), "value");

        await ExpireAsync(tier, Key("short"));

        Assert.Null(await tier.GetAsync(Key("short"), Token));
        Assert.Equal("value", await GetAsync(tier, Key("long")));
        Assert.True(await tier.TryAddAsync(Key("short"), "again"u8.ToArray(), Hour, Token));
    }

    [Fact]
    public async Task GetMany_returns_the_values_in_the_order_of_the_keys()
    {
        var tier = await OpenAsync();
        string[] keys = [.. Enumerable.Range(0, 100).Select(i => Key($"{i}"))];
        for (var i = 0; i < keys.Length; i += 3)
            await tier.SetAsync(keys[i], Encoding.UTF8.GetBytes($"value {i}"), Hour, Token);
        await SettleAsync(tier);

        var values = await tier.GetManyAsync(keys, Token);

        Assert.Equal(
            Enumerable.Range(0, 100).Select(i => i % 3 == 0 ? $"value {i}" : null),
            values.Select(value => value is { } bytes ? Encoding.UTF8.GetString(bytes.Span) : null));
    }

    [Fact]
    public async Task GetMany_returns_a_value_for_each_place_of_a_repeated_key()
    {
        var tier = await OpenAsync();
        await SetAsync(tier, Key("a"), "value");

        var values = await tier.GetManyAsync([Key("a"), Key("none"), Key("a")], Token);

        Assert.Equal(["value", null, "value"], values.Select(value => value is { } bytes ? Encoding.UTF8.GetString(bytes.Span) : null));
    }

    [Fact]
    public async Task TryAdd_writes_only_if_the_key_has_no_value()
    {
        var tier = await OpenAsync();

        Assert.True(await tier.TryAddAsync(Key("lock"), "mine"u8.ToArray(), Hour, Token));
        Assert.False(await tier.TryAddAsync(Key("lock"), "theirs"u8.ToArray(), Hour, Token));
        Assert.Equal("mine", await GetAsync(tier, Key("lock")));
    }

    [Fact]
    public async Task TryAdd_by_many_callers_succeeds_once()
    {
        var tier = await OpenAsync();

        var added = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(
            async () => await tier.TryAddAsync(Key("lock"), Encoding.UTF8.GetBytes($"{i}"), Hour, Token), Token)));

        var winner = Array.FindIndex(added, won => won);
        Assert.Equal(1, added.Count(won => won));
        Assert.Equal($"{winner}", await GetAsync(tier, Key("lock")));
    }

    [Fact]
    public async Task Delete_removes_a_key_whether_it_has_a_value_or_not()
    {
        var tier = await OpenAsync();
        await SetAsync(tier, Key("a"), "value");

        await tier.DeleteAsync(Key("a"), Token);
        await tier.DeleteAsync(Key("a"), Token);

        Assert.Null(await tier.GetAsync(Key("a"), Token));
    }

    [Fact]
    public async Task Concurrent_calls_get_the_values_of_their_own_keys()
    {
        var tier = await OpenAsync();
        await Task.WhenAll(Enumerable.Range(0, 64).Select(i => Task.Run(
            async () =>
            {
                // Sizes differ, so that a reply that is taken for another's is seen.
                var value = Encoding.UTF8.GetBytes(new string((char)('!' + i), 1 + (i * 97)));
                await tier.SetAsync(Key($"{i}"), value, Hour, Token);
                await SettleAsync(tier);
                for (var j = 0; j < 20; j++)
                {
                    var read = await tier.GetAsync(Key($"{i}"), Token);
                    Assert.True(read!.Value.Span.SequenceEqual(value), $"key {i} has another value");
                    Assert.Null(await tier.GetAsync(Key($"none {i}".Replace(' ', '-')), Token));
                }
            },
            Token)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("line\r\nmd other")]
    [InlineData("gr\u00fcn")]
    [InlineData("too long")]
    public async Task Key_that_is_not_allowed_is_rejected(string key)
    {
        var tier = await OpenAsync();
        if (key == "too long")
            key = new string('x', 201);

        await Assert.ThrowsAsync<ArgumentException>(async () => await tier.GetAsync(key, Token));
        await Assert.ThrowsAsync<ArgumentException>(async () => await tier.GetManyAsync([Key("a"), key], Token));
        await Assert.ThrowsAsync<ArgumentException>(async () => await tier.SetAsync(key, default, Hour, Token));
        await Assert.ThrowsAsync<ArgumentException>(async () => await tier.TryAddAsync(key, default, Hour, Token));
        await Assert.ThrowsAsync<ArgumentException>(async () => await tier.DeleteAsync(key, Token));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData((30 * 24 * 3600) + 1)]
    public async Task Time_to_live_that_is_not_allowed_is_rejected(int seconds)
    {
        var tier = await OpenAsync();
        var timeToLive = TimeSpan.FromSeconds(seconds);

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await tier.SetAsync(Key("a"), default, timeToLive, Token));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await tier.TryAddAsync(Key("a"), default, timeToLive, Token));
    }

    [Fact]
    public async Task Canceled_call_throws_OperationCanceledException()
    {
        var tier = await OpenAsync();
        var canceled = new CancellationToken(canceled: true);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await tier.GetAsync(Key("a"), canceled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await tier.GetManyAsync([Key("a")], canceled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await tier.SetAsync(Key("a"), default, Hour, canceled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await tier.TryAddAsync(Key("a"), default, Hour, canceled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await tier.DeleteAsync(Key("a"), canceled));
        Assert.Null(await tier.GetAsync(Key("a"), Token));
    }

    private static async Task<string?> GetAsync(ISharedTier tier, string key) =>
        await tier.GetAsync(key, Token) is { } value ? Encoding.UTF8.GetString(value.Span) : null;

    private async Task SetAsync(ISharedTier tier, string key, string value)
    {
        await tier.SetAsync(key, Encoding.UTF8.GetBytes(value), Hour, Token);
        await SettleAsync(tier);
    }

    private string Key(string name) => $"{_prefix}:{name}";
}
