using System.Text.Json;

namespace Lookup.Host.Tests.Driver;

/// <summary>The Functions host's interpretation of a handler's response to a trigger.</summary>
internal enum Verdict
{
    /// <summary>The batch is checkpointed.</summary>
    Succeeded,

    /// <summary>The batch is sent again if the function has an unlimited retry policy.</summary>
    Failed,

    /// <summary>The invocation never ends, and the feed is blocked.</summary>
    Hangs,
}

/// <summary>One delivery of a batch.</summary>
/// <param name="Verdict">The host's interpretation.</param>
/// <param name="Status">The status of the response, or 0 if there was none.</param>
/// <param name="Body">The body of the response.</param>
internal sealed record Delivery(Verdict Verdict, int Status, string Body)
{
    /// <summary>Gets the lines that reach the log of the function.</summary>
    public IReadOnlyList<string> Logs
    {
        get
        {
            using var body = JsonDocument.Parse(Body);
            return [.. body.RootElement.GetProperty(nameof(Logs)).EnumerateArray().Select(line => line.GetString()!)];
        }
    }

    public static async Task<Delivery> JudgeAsync(HttpResponseMessage response)
    {
        var body = await response.Content.ReadAsStringAsync(Cancel.Token);
        var verdict = (response.IsSuccessStatusCode, body.Trim(), response.Content.Headers.ContentType?.MediaType) switch
        {
            (false, _, _) => Verdict.Failed,
            (true, "" or "null", _) => Verdict.Hangs,
            (true, _, "application/json") => Verdict.Succeeded,
            _ => Verdict.Failed,
        };
        return new Delivery(verdict, (int)response.StatusCode, body);
    }
}
