namespace Lookup.Functions.Telemetry;

/// <summary>The lookup functions. Their names are the values of the attribute <c>function</c>.</summary>
internal enum LookupFunction
{
    /// <summary><c>GET /api/users/{id}</c>.</summary>
    GetUser,

    /// <summary><c>GET /api/users?email=…</c>.</summary>
    FindUsers,

    /// <summary><c>POST /api/users/lookup</c>: counted as one request, regardless of the number of users.</summary>
    LookupUsers,
}
