namespace Lookup.Functions.Http;

/// <summary>Metadata of an endpoint: who may call it.</summary>
internal sealed record AccessLevel(Access Level);

/// <summary>Who may call an endpoint, in the order of the Functions host's own levels.</summary>
internal enum Access
{
    /// <summary>Anybody.</summary>
    Anonymous,

    /// <summary>Whoever has a key (<c>function</c>).</summary>
    Lookup,

    /// <summary>Whoever has an administrator's key (<c>admin</c>).</summary>
    Administrator,
}
