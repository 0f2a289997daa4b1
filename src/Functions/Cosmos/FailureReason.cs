using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Azure.Cosmos;

namespace Lookup.Functions.Cosmos;

/// <summary>The reason that Cosmos DB gives for a failure, as far as it may be logged.</summary>
/// <remarks>
/// <para>
/// A message can have several layers: the SDK's (<c>…; Reason: (…);</c>), the gateway's (<c>{"code":"…","message":"…"}</c>, or the same as <c>code : … message : …</c>), and the replica's
/// (<c>Message: {"Errors":["…"]}</c>, followed by the activity id, addresses and statistics). Only the innermost one is the reason.
/// </para>
/// <para>
/// A reason can quote the request, which contains the id and the partition key of a user: in quotes, or in the address of an item. Both are
/// left out, up to the last quote and to the end, because an id can contain quotes and blanks itself.
/// </para>
/// </remarks>
internal static partial class FailureReason
{
    /// <summary>The maximum length of a reason. The service's own reasons are shorter.</summary>
    private const int MaxLength = 500;

    private const int MaxLayers = 5;

    /// <summary>Gets the reason in a failed response, or an empty text if there is none.</summary>
    public static string Of(ResponseMessage response) => Of(BodyOf(response) ?? response.ErrorMessage);

    /// <summary>Gets the reason for an exception, or an empty text if there is none.</summary>
    public static string Of(CosmosException exception) =>
        Of(string.IsNullOrEmpty(exception.ResponseBody) ? exception.Message : exception.ResponseBody);

    /// <summary>Gets the reason in an error message, or an empty text if there is none.</summary>
    public static string Of(string? text)
    {
        text = Innermost(text ?? "");
        text = DoubleQuoted().Replace(text, "\"…\"");
        text = SingleQuoted().Replace(text, "'…'");
        return Shorten(ItemAddress().Replace(text, "docs/…"));
    }

    /// <summary>Replaces line breaks and repeated blanks by one blank, and limits the length.</summary>
    public static string Shorten(string text)
    {
        text = Blanks().Replace(text, " ").Trim();
        return text.Length <= MaxLength ? text : string.Concat(text.AsSpan(0, MaxLength), "…");
    }

    private static string? BodyOf(ResponseMessage response)
    {
        if (response.Content is not { CanSeek: true, Length: > 0 } content)
            return null;

        content.Position = 0;
        using var reader = new StreamReader(content, leaveOpen: true);
        return reader.ReadToEnd();
    }

    private static string Innermost(string text)
    {
        for (var layer = 0; layer < MaxLayers; layer++)
        {
            var inner = Unwrap(text.Trim());
            if (inner == text)
                break;
            text = inner;
        }

        return text;
    }

    private static string Unwrap(string text)
    {
        const StringComparison Exactly = StringComparison.Ordinal;
        const string ReasonStart = "Reason: (";
        const string MessageStart = "Message:";
        if (text.StartsWith('{') && TryUnwrapJson(text, out var inner))
            return inner;
        if (CodeAndMessage().Match(text) is { Success: true } prefix)
            return text[prefix.Length..];
        if (text.IndexOf(ReasonStart, Exactly) is var reason and >= 0)
            return text[(reason + ReasonStart.Length)..].TrimEnd(';', ')', ' ');
        if (text.IndexOf("ActivityId:", Exactly) is var activity and >= 0)
            return text[..activity].TrimEnd(' ', ',', '\r', '\n');
        return text.StartsWith(MessageStart, Exactly) ? text[MessageStart.Length..] : text;
    }

    /// <summary>Reads <c>{"message":"…"}</c>, <c>{"Errors":["…"]}</c> or <c>{"errors":[{"message":"…"}]}</c>.</summary>
    private static bool TryUnwrapJson(string text, out string inner)
    {
        inner = "";
        try
        {
            using var json = JsonDocument.Parse(text);
            foreach (var member in json.RootElement.EnumerateObject())
            {
                if (member.Name.Equals("message", StringComparison.OrdinalIgnoreCase) && member.Value.ValueKind == JsonValueKind.String)
                    inner = member.Value.GetString()!;
                else if (member.Name.Equals("errors", StringComparison.OrdinalIgnoreCase) && member.Value.ValueKind == JsonValueKind.Array)
                    inner = string.Join(' ', member.Value.EnumerateArray().Select(TextOf));
            }

            return inner.Length > 0;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false; // the message of another program, such as a proxy
        }

        static string? TextOf(JsonElement error) => error.ValueKind switch
        {
            JsonValueKind.String => error.GetString(),
            JsonValueKind.Object when error.TryGetProperty("message", out var text) && text.ValueKind == JsonValueKind.String => text.GetString(),
            _ => null,
        };
    }

    [GeneratedRegex("\".*\"", RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex DoubleQuoted();

    // An apostrophe within a word, as in "can't", opens and closes no quotation.
    [GeneratedRegex(@"(?<![\p{L}\p{N}])'.*'", RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex SingleQuoted();

    [GeneratedRegex(@"^code\s*:\s*\S+\s+message\s*:\s*", RegexOptions.CultureInvariant)]
    private static partial Regex CodeAndMessage();

    [GeneratedRegex("docs/.*", RegexOptions.Singleline | RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex ItemAddress();

    [GeneratedRegex(@"\s+", RegexOptions.CultureInvariant)]
    private static partial Regex Blanks();
}
