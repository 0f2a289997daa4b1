namespace Lookup.Functions.SharedTier;

/// <summary>The limits of the port that each tier enforces before anything is sent: a blank in a key would be a second argument of a memcached command.</summary>
internal static class TierLimits
{
    /// <summary>The maximum length of a key. That of memcached is 250.</summary>
    public const int MaxKeyLength = 200;

    /// <summary>The maximum time to live. To memcached, a longer one is an absolute time in the past.</summary>
    public static readonly TimeSpan MaxTimeToLive = TimeSpan.FromDays(30);

    /// <exception cref="ArgumentException">The key is not 1 to 200 printable ASCII characters without blanks.</exception>
    public static void CheckKey(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (key.Length is 0 or > MaxKeyLength || key.AsSpan().ContainsAnyExceptInRange('!', '~'))
            throw new ArgumentException($"A key of the shared tier is 1 to {MaxKeyLength} printable ASCII characters without blanks; this one has {key.Length} characters.", nameof(key));
    }

    /// <exception cref="ArgumentException">There is no key, or one is not valid.</exception>
    public static void CheckKeys(IReadOnlyList<string> keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        if (keys.Count == 0)
            throw new ArgumentException("At least one key is required.", nameof(keys));
        foreach (var key in keys)
            CheckKey(key);
    }

    /// <exception cref="ArgumentOutOfRangeException">The time to live is not positive, or is longer than 30 days.</exception>
    public static void CheckTimeToLive(TimeSpan timeToLive)
    {
        if (timeToLive <= TimeSpan.Zero || timeToLive > MaxTimeToLive)
            throw new ArgumentOutOfRangeException(nameof(timeToLive), timeToLive, "A time to live is more than zero and at most 30 days.");
    }
}
