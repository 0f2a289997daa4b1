namespace Lookup.Domain.SharedTier;

/// <summary>The exception that is thrown when the shared tier cannot be used. To the cache, it is a miss.</summary>
public sealed class SharedTierException : Exception
{
    public SharedTierException(string message)
        : base(message)
    {
    }

    public SharedTierException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
