namespace Lookup.Functions.Http;

/// <summary>The routes of the HTTP functions, below the prefix <c>api</c>.</summary>
internal static class Routes
{
    /// <summary>The prefix of all routes, as in host.json.</summary>
    public const string Prefix = "/api/";

    public const string User = "users/{id}";
    public const string Users = "users";
    public const string UsersLookup = "users/lookup";
    public const string CachedUser = "cache/users/{id}";
    public const string Cache = "cache";
    public const string Statistics = "stats";
    public const string Dashboard = "dashboard";
    public const string Live = "health/live";
    public const string Ready = "health/ready";

    /// <summary>The two routes above, as one function.</summary>
    public const string Health = "health/{check:regex(^(live|ready)$)}";
    public const string OpenApi = "openapi.json";
    public const string DocsPage = "docs";

    /// <summary>The API reference and its files. A route that matched anything else would serve it without a key.</summary>
    public const string Docs = @"docs/{file:regex(^(docs\.js|favicon\.svg|scalar\.aspnetcore\.js|scalar\.js)$)?}";
}
