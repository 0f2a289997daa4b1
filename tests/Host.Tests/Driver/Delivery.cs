using System.Text.Json;

namespace Lookup.Host.Tests.Driver;

/// <summary>What the Functions host makes of a handler's answer to a trigger.</summary>
internal enum Verdict
{
    /// <summary>The batch is checkpointed.</summary>
    Succeeded,

    /// <summary>The batch is sent once more, where the function has a retry policy without end.</summary>
    Failed,

    /// <summary>The invocation never ends, and the feed is blocked.</summary>
    Hangs,
}

/// <summary>One posting of a batch.</summary>
/// <param name="Verdict">What the host makes of it.</param>
/// <param name="Status">The answer's status; 0 where there was none.</param>
/// <param name="Body">The answer's body.</param>
internal sealed record Delivery(Verdict Verdict, int Status, string Body)
{
    /// <summary>The lines that reach the function's log.</summary>
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
