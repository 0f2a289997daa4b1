namespace Lookup.Functions.Http;

/// <summary>The endpoint metadata that specifies the access level.</summary>
internal sealed record AccessLevel(Access Level);

/// <summary>The access levels of endpoints, in the order of the Functions host's authorization levels.</summary>
internal enum Access
{
    /// <summary>No key is required.</summary>
    Anonymous,

    /// <summary>A function key is required (<c>function</c>).</summary>
    Lookup,

    /// <summary>An administrator key is required (<c>admin</c>).</summary>
    Administrator,
}
