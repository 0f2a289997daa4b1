using Lookup.Functions.Eviction;
using Lookup.Functions.Http;
using Lookup.Functions.Operations.Health;
using Lookup.Functions.Operations.Statistics;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Lookup.Functions.OpenApi;

/// <summary>
/// The schemas of the bodies. Those of the service's own types are generated. Those of users are written by hand, because the operator
/// defines the documents.
/// </summary>
internal static class ApiSchemas
{
    public static async Task AddAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        await AddOfTypeAsync<ProblemBody>("Problem");
        await AddOfTypeAsync<EvictionReport>("Eviction");
        await AddOfTypeAsync<StatisticsReport>("Statistics");
        await AddOfTypeAsync<HealthReport>("Health");

        Add("User", new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Description = "A user as stored. Only the id is always present.",
            Required = new HashSet<string> { "id" },
            Properties = new Dictionary<string, IOpenApiSchema> { ["id"] = Text() },
        });
        Add("Users", new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Required = new HashSet<string> { "users" },
            Properties = new Dictionary<string, IOpenApiSchema>
            {
                ["users"] = ListOf(Reference("User", document)),
                ["truncated"] = new OpenApiSchema
                {
                    Type = JsonSchemaType.Boolean, Description = "Present, and true, if the list may be incomplete: more than 100 users match, or too many items match that cannot be looked up.",
                },
            },
        });
        Add("LookedUp", new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Required = new HashSet<string> { "users", "missing" },
            Properties = new Dictionary<string, IOpenApiSchema>
            {
                ["users"] = ListOf(Reference("User", document)),
                ["missing"] = ListOf(Key()),
            },
        });
        Add("Lookup", new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Required = new HashSet<string> { "ids" },
            Properties = new Dictionary<string, IOpenApiSchema>
            {
                ["ids"] = new OpenApiSchema { Type = JsonSchemaType.Array, Items = Key(), MinItems = 1, MaxItems = Users.LookupRequest.MaxIds },
            },
        });

        async Task AddOfTypeAsync<T>(string name)
        {
            var schema = await context.GetOrCreateSchemaAsync(typeof(T), null, cancellationToken);
            Add(name, schema);
        }

        void Add(string name, OpenApiSchema schema) => document.AddComponent(name, schema);
    }

    public static IOpenApiSchema Reference(string name, OpenApiDocument document) => new OpenApiSchemaReference(name, document);

    public static OpenApiSchema Text() => new() { Type = JsonSchemaType.String };

    /// <summary>Creates the schema of a user key in a lookup of several users: an id, or an id with a partition key value.</summary>
    private static OpenApiSchema Key() => new()
    {
        OneOf =
        [
            Text(),
            new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                Required = new HashSet<string> { "id" },
                Properties = new Dictionary<string, IOpenApiSchema> { ["id"] = Text(), [Users.UserKeyReader.PartitionKeyParameter] = Text() },
            },
        ],
    };

    private static OpenApiSchema ListOf(IOpenApiSchema items) => new() { Type = JsonSchemaType.Array, Items = items };
}
