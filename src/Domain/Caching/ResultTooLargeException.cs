namespace Lookup.Domain.Caching;

/// <summary>The exception that is thrown when the users of one request together exceed the maximum size of a result.</summary>
/// <param name="maxBytes">The maximum, in bytes.</param>
public sealed class ResultTooLargeException(long maxBytes) : Exception($"The users together have more than {maxBytes} bytes, the maximum for one request.")
{
    /// <summary>Gets the maximum, in bytes.</summary>
    public long MaxBytes { get; } = maxBytes;
}
