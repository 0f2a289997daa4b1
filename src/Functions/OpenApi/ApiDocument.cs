using System.Globalization;
using System.Text.Json.Nodes;
using Lookup.Functions.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Lookup.Functions.OpenApi;

/// <summary>The transformer that generates the OpenAPI description from the mapped endpoints.</summary>
internal sealed class ApiDocument(EndpointDataSource endpoints) : IOpenApiDocumentTransformer
{
    private const string KeyScheme = "key";
    private const string ServiceDescription =
        "Looks up users from a coherent in-memory cache over Azure Cosmos DB, with a configurable staleness bound.";

    private static readonly string[] LookupFields = ["Age", "Cache-Control", "Cache-Status", "Server-Timing", "X-Content-Type-Options"];

    public async Task TransformAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo { Title = "Lookup", Version = "1", Description = ServiceDescription };
        document.Servers = []; // the server from which the description was loaded
        document.Paths = [];
        document.Tags = null; // the default tag is the name of the assembly
        await ApiSchemas.AddAsync(document, context, cancellationToken);
        document.AddComponent(KeyScheme, new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.ApiKey,
            In = ParameterLocation.Header,
            Name = KeyMiddleware.Header,
            Description = "The key of the client. Not required if no keys are configured and the service listens on its own machine only.",
        });

        foreach (var endpoint in endpoints.Endpoints.OfType<RouteEndpoint>())
        {
            if (endpoint.Metadata.GetMetadata<ApiOperation>() is { } operation)
                Add(document, endpoint, operation);
        }
    }

    private static void Add(OpenApiDocument document, RouteEndpoint endpoint, ApiOperation operation)
    {
        var path = endpoint.RoutePattern.RawText!;
        if (!document.Paths.TryGetValue(path, out var existing))
            document.Paths[path] = existing = new OpenApiPathItem();

        var item = (OpenApiPathItem)existing;
        item.Operations ??= [];
        var needsKey = endpoint.Metadata.GetMetadata<AccessLevel>() is not { Level: Access.Anonymous };
        foreach (var method in endpoint.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods)
        {
            var isHead = HttpMethods.IsHead(method);
            item.Operations[new HttpMethod(method)] = new OpenApiOperation
            {
                OperationId = isHead ? operation.Id + "Head" : operation.Id,
                Summary = operation.Summary,
                Parameters = [.. operation.Parameters.Select(Describe)],
                RequestBody = operation.HasBody ? BodyOf(document) : null,
                Responses = ResponsesOf(document, operation, withContent: !isHead),
                Security = needsKey ? [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(KeyScheme, document)] = [] }] : [],
            };
        }
    }

    private static OpenApiParameter Describe(ApiParameter parameter) => new()
    {
        Name = parameter.Name,
        In = Enum.Parse<ParameterLocation>(parameter.Place, ignoreCase: true),
        Required = parameter.Place == "path",
        Description = parameter.Description,
        Schema = ApiSchemas.Text(),
        Example = parameter.Example,
    };

    private static OpenApiRequestBody BodyOf(OpenApiDocument document) => new()
    {
        Required = true,
        Content = new Dictionary<string, OpenApiMediaType>
        {
            ["application/json"] = new OpenApiMediaType { Schema = ApiSchemas.Reference("Lookup", document), Example = ApiExamples.Body },
        },
    };

    private static OpenApiResponses ResponsesOf(OpenApiDocument document, ApiOperation operation, bool withContent)
    {
        var responses = new OpenApiResponses();
        foreach (var response in operation.Responses)
        {
            responses[Text(response.Status)] = new OpenApiResponse
            {
                Description = response.Description,
                Headers = response.HasLookupFields ? Fields(operation) : null,
                Content = withContent ? ContentOf(document, response.Content) : null,
            };
        }

        foreach (var problems in operation.Problems.Append(ProblemKind.Internal).GroupBy(problem => problem.Status).OrderBy(group => group.Key))
        {
            responses[Text(problems.Key)] = new OpenApiResponse
            {
                Description = string.Join(" -or- ", problems.Select(problem => problem.Title)),
                Content = withContent ? ProblemContent(document, [.. problems]) : null,
            };
        }

        return responses;
    }

    private static Dictionary<string, IOpenApiHeader> Fields(ApiOperation operation) =>
        LookupFields
            .Concat(operation.Id == ApiOperations.GetUser.Id ? ["ETag", "Last-Modified"] : [])
            .ToDictionary(name => name, IOpenApiHeader (_) => new OpenApiHeader { Schema = ApiSchemas.Text() });

    private static Dictionary<string, OpenApiMediaType>? ContentOf(OpenApiDocument document, ApiContent content) => content switch
    {
        ApiContent.None => null,
        ApiContent.Text => Media("text/plain", ApiSchemas.Text(), ApiExamples.For(content)),
        ApiContent.Document => Media("application/json", new OpenApiSchema { Type = JsonSchemaType.Object }, null),
        _ => Media("application/json", ApiSchemas.Reference(content.ToString(), document), ApiExamples.For(content)),
    };

    private static Dictionary<string, OpenApiMediaType> ProblemContent(OpenApiDocument document, ProblemKind[] kinds)
    {
        var media = new OpenApiMediaType
        {
            Schema = ApiSchemas.Reference("Problem", document),
            Examples = kinds.ToDictionary(
                kind => kind.Type[ProblemKind.Prefix.Length..],
                IOpenApiExample (kind) => new OpenApiExample { Value = Example(kind) }),
        };
        return new Dictionary<string, OpenApiMediaType> { [ProblemWriter.ContentType] = media };
    }

    private static JsonObject Example(ProblemKind kind) => new()
    {
        ["type"] = kind.Type,
        ["title"] = kind.Title,
        ["status"] = kind.Status,
        ["traceId"] = "00-0123456789abcdef0123456789abcdef-0123456789abcdef-00",
    };

    private static Dictionary<string, OpenApiMediaType> Media(string type, IOpenApiSchema schema, JsonNode? example) =>
        new() { [type] = new OpenApiMediaType { Schema = schema, Example = example } };

    private static string Text(int status) => status.ToString(CultureInfo.InvariantCulture);
}
