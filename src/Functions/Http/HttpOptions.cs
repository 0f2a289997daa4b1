namespace Lookup.Functions.Http;

/// <summary>The settings of the HTTP interface.</summary>
internal sealed record HttpOptions
{
    /// <summary>Gets the <c>Cache-Control</c> field of responses that contain a user (RFC 9111 §5.2.2).</summary>
    /// <value>The default is <c>private, no-cache</c>: a cache revalidates a response before it uses it.</value>
    public required string CacheControl { get; init; }

    /// <summary>
    /// Gets the keys that allow lookups. Behind the Functions host they are required in addition to the host's own keys, so they must also
    /// be keys of the host.
    /// </summary>
    public required IReadOnlyList<string> Keys { get; init; }

    /// <summary>Gets the keys that allow all operations.</summary>
    public required IReadOnlyList<string> AdminKeys { get; init; }

    /// <summary>
    /// Gets the maximum request units per second for the reads of each key. If there are no keys, it applies to all clients together.
    /// </summary>
    /// <value>The default is 0: no limit.</value>
    public required double KeyRequestUnitsPerSecond { get; init; }

    /// <summary>Gets a value that indicates whether there are no keys, so that none is required.</summary>
    public bool HasNoKeys => Keys.Count == 0 && AdminKeys.Count == 0;
}
