namespace Lookup.Functions.Telemetry;

/// <summary>The functions that look users up; their names are values of the attribute <c>function</c>.</summary>
internal enum LookupFunction
{
    /// <summary><c>GET /api/users/{id}</c>.</summary>
    GetUser,

    /// <summary><c>GET /api/users?email=…</c>.</summary>
    FindUsers,

    /// <summary><c>POST /api/users/lookup</c>: one request, however many users it names.</summary>
    LookupUsers,
}
