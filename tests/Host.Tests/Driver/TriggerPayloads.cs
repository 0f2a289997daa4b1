using System.Text.Encodings.Web;
using System.Text.Json;

namespace Lookup.Host.Tests.Driver;

/// <summary>The payloads that the host posts to a trigger.</summary>
internal static class TriggerPayloads
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Returns the documented form: the array in a JSON string literal, in a JSON string.</summary>
    public static byte[] Documented(string batch, string binding = "changes") => Wrap(Literal(batch), binding);

    /// <summary>Returns the documented form of a batch that is redelivered under a retry policy.</summary>
    public static byte[] Again(string batch) =>
        Wrap(Literal(batch), "changes", new { RetryCount = 3, MaxRetryCount = -1, Exception = new { Message = "it failed", Source = "host" } });

    /// <summary>Returns the array encoded only once, as a JSON string.</summary>
    public static byte[] EncodedOnce(string batch) => Wrap(batch, "changes");

    /// <summary>Returns a change in the form of the latest-version feed.</summary>
    public static string Latest(string id, long lsn = 0) =>
        $$"""{"id":"{{id}}","email":"{{id}}@example.com","note":"a \"quoted\" \\ text é","_rid":"x==","_etag":"\"e\"","_ts":1700000000,"_lsn":{{lsn}}}""";

    /// <summary>Returns a change in the form of the all-versions-and-deletes feed.</summary>
    public static string Version(string id, string operation, long lsn = 0) =>
        operation == "delete"
            ? $$$"""{"current":{},"metadata":{"operationType":"delete","lsn":{{{lsn}}},"id":"{{{id}}}","partitionKey":{"id":"{{{id}}}"} }}"""
            : $$$"""{"current":{{{Latest(id)}}},"metadata":{"operationType":"{{{operation}}}","lsn":{{{lsn}}} }}""";

    private static byte[] Wrap(string data, string binding, object? retry = null)
    {
        var metadata = new Dictionary<string, object>
        {
            ["sys"] = new { MethodName = "EvictStaleUsers", UtcNow = "2026-01-01T00:00:00Z", RandGuid = "4f2e6b9e" },
        };
        if (retry is not null)
            metadata["RetryContext"] = retry;
        return JsonSerializer.SerializeToUtf8Bytes(new { Data = new Dictionary<string, string> { [binding] = data }, Metadata = metadata }, Plain);
    }

    private static string Literal(string text) => JsonSerializer.Serialize(text, Plain);
}
