namespace Lookup.Functions.Hosting;

/// <summary>Keeps the server's own line about each request out of every log, whatever levels are configured.</summary>
/// <remarks>
/// It quotes the whole target: <c>?code=</c> holds a key there, and the path and other parameters name users. With no level left, the
/// server also makes no <see cref="System.Diagnostics.Activity"/> and no log scope for a request that nobody traces.
/// </remarks>
internal static class RequestLogging
{
    private const string Category = "Microsoft.AspNetCore.Hosting.Diagnostics";

    public static void Silence(LoggerFilterOptions options)
    {
        // Of the rules for a provider the one with the longest category decides, and of equal ones the last.
        var providers = options.Rules.Select(rule => rule.ProviderName).Append(null).Distinct().ToList();
        foreach (var provider in providers)
            options.Rules.Add(new LoggerFilterRule(provider, Category, LogLevel.None, filter: null));
    }
}
