namespace Lookup.Functions.Hosting.Standalone;

/// <summary>Keeps what the server says about requests out of every log, whatever levels are configured.</summary>
/// <remarks>
/// At Information and below the server, its router and its filters quote targets, header lines and paths: <c>?code=</c> holds a key
/// there, and the path and other parameters name users. Warnings and errors speak of connections and limits only. With no level left
/// for its line about each request, the server also makes no <see cref="System.Diagnostics.Activity"/> and no log scope for a request
/// that is not traced.
/// </remarks>
internal static class RequestLogging
{
    private const string Server = "Microsoft.AspNetCore";
    private const string EachRequest = "Microsoft.AspNetCore.Hosting.Diagnostics";

    public static void Silence(LoggerFilterOptions options)
    {
        // One rule decides for a provider and a category: the most specific one, which may be any of those configured. So each of them
        // gets the condition, and so does a first one for what counts if none applies: of equal rules the last decides.
        var rules = options.Rules.Prepend(new LoggerFilterRule(null, null, options.MinLevel, filter: null)).ToList();
        options.Rules.Clear();
        foreach (var rule in rules)
        {
            options.Rules.Add(new LoggerFilterRule(
                rule.ProviderName,
                rule.CategoryName,
                rule.LogLevel,
                (provider, category, level) => MaySay(category, level) && (rule.Filter is null || rule.Filter(provider, category, level))));
        }
    }

    private static bool MaySay(string? category, LogLevel level)
    {
        if (category is null || !category.StartsWith(Server, StringComparison.OrdinalIgnoreCase))
            return true;
        return level >= LogLevel.Warning && !category.Equals(EachRequest, StringComparison.OrdinalIgnoreCase);
    }
}
