using Lookup.Functions.Settings;
using Lookup.Functions.SharedTier;
using Lookup.Functions.SharedTier.Redis;
using StackExchange.Redis;

namespace Lookup.Functions.Tests.SharedTier;

public sealed class SharedTierTargetTests
{
    [Theory]
    [InlineData("memcached://127.0.0.1:11311", "127.0.0.1", 11311)]
    [InlineData("  memcached://cache.example.com:1/ ", "cache.example.com", 1)]
    [InlineData("MEMCACHED://cache", "cache", 11211)]
    [InlineData("memcached://[::1]:11311", "::1", 11311)]
    public void Memcached_address_is_parsed(string text, string host, int port) =>
        Assert.Equal((host, port), SharedTierTarget.Parse(text).Memcached);

    [Theory]
    [InlineData("localhost", "Redis at localhost")]
    [InlineData("cache.example.com:6380,ssl=true,password=s3cret", "Redis at cache.example.com:6380")]
    [InlineData("[::1]:6379,password=s3cret,connectTimeout=2000", "Redis at [::1]:6379")]
    [InlineData("memcached://[::1]:11311", "memcached at [::1]:11311")]
    public void Text_names_the_first_endpoint_only(string text, string shown) => Assert.Equal(shown, SharedTierTarget.Parse(text).ToString());

    [Theory]
    [InlineData("memcached://")]
    [InlineData("memcached://:11211")]
    [InlineData("memcached://host:0")]
    [InlineData("memcached://host:70000")]
    [InlineData("memcached://user:s3cret@host:11211")]
    [InlineData("memcached://host:11211/s3cret")]
    [InlineData("memcached://host:11211?key=s3cret")]
    [InlineData("redis://:s3cret@host:6379")]
    [InlineData("")]
    [InlineData("password=s3cret,host:6379")]
    [InlineData("host:6379,password=a,s3cret=x")]
    [InlineData("host:6379,password=s3cret,connectTimeout=soon")]
    [InlineData("host:6379,password=s3cret,ssl=maybe")]
    [InlineData("host:70000,password=s3cret")]
    public void Anything_else_is_rejected_without_showing_it(string text)
    {
        var error = Assert.Throws<LookupSettingsException>(() => SharedTierTarget.Parse(text));

        Assert.StartsWith("Lookup__SharedTier is not valid: ", error.Message, StringComparison.Ordinal);
        Assert.Contains("memcached://host:port", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Options_for_a_tier_that_is_never_waited_for_override_the_text()
    {
        var options = RedisOptions.Create(
            "host:6379,abortConnect=true,asyncTimeout=9000,syncTimeout=9000,password=s3cret", RedisOptions.CallTimeout);

        Assert.False(options.AbortOnConnectFail);
        Assert.False(options.IncludeDetailInExceptions);
        Assert.Equal((500, 50, 50), (options.ConnectTimeout, options.AsyncTimeout, options.SyncTimeout));
        Assert.Equal(TimeSpan.FromMilliseconds(100), options.HeartbeatInterval);
        Assert.Same(BacklogPolicy.FailFast, options.BacklogPolicy);
        Assert.IsType<LinearRetry>(options.ReconnectRetryPolicy);
        Assert.Equal("s3cret", options.Password);
    }

    [Fact]
    public void Connect_timeout_of_the_text_is_kept() =>
        Assert.Equal(2000, RedisOptions.Create("host:6379,connectTimeout=2000", RedisOptions.CallTimeout).ConnectTimeout);
}
