namespace Lookup.Functions.Hosting;

/// <summary>The filter that keeps the server's entries about requests out of every log, regardless of the configured levels.</summary>
/// <remarks>
/// At Information and below, the entries of the server, its router and its filters contain targets, header lines and paths. There,
/// <c>?code=</c> contains a key, and the path and other parameters contain user ids. Warnings and errors refer to connections and limits
/// only. If every level of its entry about each request is disabled, the server also creates no
/// <see cref="System.Diagnostics.Activity"/> and no log scope for a request that is not traced.
/// </remarks>
internal static class RequestLogging
{
    private const string Server = "Microsoft.AspNetCore";
    private const string EachRequest = "Microsoft.AspNetCore.Hosting.Diagnostics";

    /// <summary>Adds the filter to all configured rules.</summary>
    public static void Silence(LoggerFilterOptions options)
    {
        // For each provider and category, a single rule applies: the most specific one, which can be any of the configured rules. Therefore,
        // the condition is added to each of them, and to a new first rule for the case that none applies. Of equally specific rules, the
        // last one applies.
        var rules = options.Rules.Prepend(new LoggerFilterRule(null, null, options.MinLevel, filter: null)).ToList();
        options.Rules.Clear();
        foreach (var rule in rules)
        {
            options.Rules.Add(new LoggerFilterRule(
                rule.ProviderName,
                rule.CategoryName,
                rule.LogLevel,
                (provider, category, level) => IsAllowed(category, level) && (rule.Filter is null || rule.Filter(provider, category, level))));
        }
    }

    private static bool IsAllowed(string? category, LogLevel level)
    {
        if (category is null || !category.StartsWith(Server, StringComparison.OrdinalIgnoreCase))
            return true;
        return level >= LogLevel.Warning && !category.Equals(EachRequest, StringComparison.OrdinalIgnoreCase);
    }
}
