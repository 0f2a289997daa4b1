using System.Text;
using Lookup.Domain.SharedTier;
using Lookup.Functions.Settings;
using Lookup.Functions.SharedTier;
using Lookup.Functions.SharedTier.Sealing;

namespace Lookup.Functions.Tests.SharedTier;

public sealed class SealedTierTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly byte[] Value = "ada@example.com"u8.ToArray();

    private readonly InProcessTier _inner = new(TimeProvider.System);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Tier_does_not_see_the_value_and_no_two_sealed_values_are_equal()
    {
        var tier = Tiers.Sealed(_inner);
        await tier.SetAsync("a", Value, Hour, Token);
        var first = await StoredAsync("a");
        await tier.SetAsync("a", Value, Hour, Token);
        var second = await StoredAsync("a");

        Assert.Equal(Value.Length + SealedTier.Overhead, first.Length);
        Assert.True(first.AsSpan().IndexOf(Value.AsSpan(0, 4)) < 0, "the value is readable");
        Assert.NotEqual(first.AsSpan(1, 12).ToArray(), second.AsSpan(1, 12).ToArray());
    }

    [Fact]
    public async Task Value_changed_in_any_byte_is_a_miss_and_counted()
    {
        var tier = Tiers.Sealed(_inner);
        await tier.SetAsync("a", Value, Hour, Token);
        var stored = await StoredAsync("a");

        for (var i = 0; i < stored.Length; i++)
        {
            var changed = stored.ToArray();
            changed[i] ^= 1;
            await _inner.SetAsync("a", changed, Hour, Token);
            Assert.Null(await tier.GetAsync("a", Token));
        }

        Assert.Equal(stored.Length, tier.Unopened);
    }

    [Fact]
    public async Task Value_cut_to_any_length_is_a_miss()
    {
        var tier = Tiers.Sealed(_inner);
        await tier.SetAsync("a", Value, Hour, Token);
        var stored = await StoredAsync("a");

        for (var length = 0; length < stored.Length; length++)
        {
            await _inner.SetAsync("a", stored.AsMemory(0, length), Hour, Token);
            Assert.Null(await tier.GetAsync("a", Token));
        }
    }

    [Fact]
    public async Task Value_moved_to_another_key_is_a_miss()
    {
        var tier = Tiers.Sealed(_inner);
        await tier.SetAsync("a", Value, Hour, Token);
        await _inner.SetAsync("b", await StoredAsync("a"), Hour, Token);

        var values = await tier.GetManyAsync(["a", "b"], Token);

        Assert.Equal(Value, values[0]!.Value.ToArray());
        Assert.Null(values[1]);
        Assert.Equal(1, tier.Unopened);
    }

    [Fact]
    public async Task Previous_key_opens_and_the_current_one_seals()
    {
        await Tiers.Sealed(_inner, Tiers.Key1).SetAsync("a", Value, Hour, Token);
        var rotated = Tiers.Sealed(_inner, Tiers.Key2, Tiers.Key1);

        Assert.Equal(Value, (await rotated.GetAsync("a", Token))!.Value.ToArray());
        await rotated.SetAsync("b", Value, Hour, Token);
        Assert.Equal(Value, (await Tiers.Sealed(_inner, Tiers.Key2).GetAsync("b", Token))!.Value.ToArray());
        Assert.Null(await Tiers.Sealed(_inner, Tiers.Key1).GetAsync("b", Token));
    }

    [Fact]
    public async Task Many_threads_seal_and_open_at_the_same_time()
    {
        var tier = Tiers.Sealed(_inner);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(
            async () =>
            {
                for (var j = 0; j < 500; j++)
                {
                    var value = Encoding.UTF8.GetBytes($"{i}/{j}".PadRight(1000, '.'));
                    await tier.SetAsync($"{i}", value, Hour, Token);
                    Assert.True((await tier.GetAsync($"{i}", Token)) is { } read && read.Span.SequenceEqual(value), $"{i}/{j} is not what was sealed");
                }
            },
            Token)));

        Assert.Equal(0, tier.Unopened);
    }

    [Theory]
    [InlineData("not~a~key")]
    [InlineData("AAECAwQFBgcICQoLDA0ODw==")]
    [InlineData("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIj")]
    public void Key_that_is_not_32_bytes_in_base64_is_rejected_without_showing_it(string key)
    {
        var error = Assert.Throws<LookupSettingsException>(() => SealingKeys.Parse([Tiers.Key1, key]));

        Assert.StartsWith("Lookup__SharedTierKey__1 is not a key; it must be 32 bytes in base64", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(key, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Three_keys_or_the_same_key_twice_are_rejected_and_no_key_means_none()
    {
        Assert.Throws<LookupSettingsException>(() => SealingKeys.Parse([Tiers.Key1, Tiers.Key2, Tiers.Key1]));
        Assert.Throws<LookupSettingsException>(() => SealingKeys.Parse([Tiers.Key1, Tiers.Key1]));
        Assert.Null(SealingKeys.Parse([]));
        Assert.Equal(2, SealingKeys.Parse([Tiers.Key1, Tiers.Key2])!.Count);
    }

    private async Task<byte[]> StoredAsync(string key) => (await ((ISharedTier)_inner).GetAsync(key, Token))!.Value.ToArray();
}
