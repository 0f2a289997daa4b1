namespace Lookup.Functions.Http;

/// <summary>The exception that is thrown when a response needs more memory than other responses have left.</summary>
internal sealed class OverloadedException() : Exception("The responses in progress take all the memory that the cache size allows for them.");
