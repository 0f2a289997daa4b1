using System.Text.Json.Nodes;

namespace Lookup.Functions.OpenApi;

/// <summary>The examples of request and response bodies.</summary>
internal static class ApiExamples
{
    private const string User = """{"id":"ada","email":"ada@example.com","name":"Ada Lovelace"}""";

    public static JsonNode? For(ApiContent content) => content switch
    {
        ApiContent.User => JsonNode.Parse(User),
        ApiContent.Users => JsonNode.Parse($$"""{"users":[{{User}}]}"""),
        ApiContent.LookedUp => JsonNode.Parse($$"""{"users":[{{User}}],"missing":["nobody"]}"""),
        ApiContent.Eviction => JsonNode.Parse("""{"instance":"web-1-0123456789ab","evicted":"user"}"""),
        ApiContent.Health => JsonNode.Parse("""{"status":"live"}"""),
        ApiContent.Text => JsonValue.Create("Lookup\n"),
        _ => null,
    };

    public static JsonNode Body => JsonNode.Parse("""{"ids":["ada","nobody"]}""")!;
}
