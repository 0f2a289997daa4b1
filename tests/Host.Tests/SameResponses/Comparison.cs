using System.Text;
using System.Text.RegularExpressions;

namespace Lookup.Host.Tests.SameResponses;

/// <summary>The comparable text of a response: everything except the documented differences.</summary>
internal static partial class Comparison
{
    /// <summary>The fields that belong to the connection and the server between which the response was sent.</summary>
    private static readonly string[] OfTheConnection = ["Connection", "Date", "Keep-Alive", "Server", "Transfer-Encoding"];

    /// <summary>The differences within fields and bodies: where, the value, and the reason.</summary>
    private static readonly (string Where, Regex Value, string Reason)[] Varying =
    [
        ("Age", Number(), "time"),
        ("Cache-Status", Ttl(), "time"),
        ("Server-Timing", Number(), "time"),
        ("Content-Security-Policy", Nonce(), "random"),
        ("Content-Length", Number(), "in the statistics, the length depends on the counters"),
        ("application/problem+json", TraceId(), "belongs to the request"),
        ("text/html", Nonce(), "random"),
        ("application/json", Instance(), "names the process"),
        ("statistics", Instance(), "names the process"),
        ("statistics", Number(), "counters, times and sizes of the process"),
        ("statistics", Paused(), "whether anything is cached depends on when a change arrived"),
        ("statistics", Ranges(), "one line for each range, in any order"),
    ];

    /// <summary>Returns the comparable text of a response.</summary>
    public static string TextOf(TestResponse response, TableRow row)
    {
        var text = new StringBuilder().AppendLine($"{(int)response.Status}");
        var isStatistics = row.Path.StartsWith("stats", StringComparison.Ordinal);
        foreach (var (name, value) in response.Headers.OrderBy(header => header.Key, StringComparer.OrdinalIgnoreCase))
        {
            if (!OfTheConnection.Contains(name, StringComparer.OrdinalIgnoreCase))
                text.AppendLine($"{name.ToLowerInvariant()}: {FieldOf(name, value, isStatistics)}");
        }

        // Latin-1 keeps every byte.
        return text.Append(Without(isStatistics ? "statistics" : response.ContentType ?? "", Encoding.Latin1.GetString(response.Body))).ToString();
    }

    /// <summary>The worker's SDK and the host parse some fields, and write their members in another order.</summary>
    private static string FieldOf(string name, string value, bool isStatistics) => name switch
    {
        "Cache-Control" => string.Join(", ", value.Split(',', StringSplitOptions.TrimEntries).Order(StringComparer.Ordinal)),
        "Content-Type" => value.Replace("; ", ";", StringComparison.Ordinal),
        "Content-Length" when !isStatistics => value,
        _ => Without(name, value),
    };

    private static string Without(string where, string text) => Varying
        .Where(difference => where.StartsWith(difference.Where, StringComparison.OrdinalIgnoreCase))
        .Aggregate(text, (kept, difference) => difference.Value.Replace(kept, "…"));

    [GeneratedRegex(@"\d+(\.\d+)?(E[-+]\d+)?")]
    private static partial Regex Number();

    [GeneratedRegex(@"(?<=ttl=)-?\d+")]
    private static partial Regex Ttl();

    [GeneratedRegex("(?<=nonce[-=]\"?)[0-9A-Fa-f]{32}")]
    private static partial Regex Nonce();

    [GeneratedRegex("(?<=\"traceId\":\")[^\"]+")]
    private static partial Regex TraceId();

    [GeneratedRegex("(?<=\"instance\":\")[^\"]+")]
    private static partial Regex Instance();

    [GeneratedRegex("(?<=\"paused\":)(true|false)")]
    private static partial Regex Paused();

    [GeneratedRegex("(?<=\"ranges\":\\[)[^\\]]*")]
    private static partial Regex Ranges();
}
