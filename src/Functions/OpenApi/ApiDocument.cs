using System.Globalization;
using System.Text.Json.Nodes;
using Lookup.Functions.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Lookup.Functions.OpenApi;

/// <summary>Describes the service to its clients, from the endpoints as they are mapped.</summary>
internal sealed class ApiDocument(EndpointDataSource endpoints) : IOpenApiDocumentTransformer
{
    private const string KeyScheme = "key";

    private static readonly string[] AnswerFields = ["Age", "Cache-Control", "Cache-Status", "Server-Timing", "X-Content-Type-Options"];

    public async Task TransformAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo { Title = "Lookup", Version = "1", Description = "Who is user X? From memory, and never wrong for long." };
        document.Servers = []; // wherever this was fetched from
        document.Paths = [];
        document.Tags = null; // the assembly's name means nothing to clients
        await ApiSchemas.AddAsync(document, context, cancellationToken);
        document.AddComponent(KeyScheme, new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.ApiKey,
            In = ParameterLocation.Header,
            Name = KeyMiddleware.Header,
            Description = "Not asked for where the service listens on its own machine only and no key is set.",
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
                Responses = Answers(document, operation, withContent: !isHead),
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

    private static OpenApiResponses Answers(OpenApiDocument document, ApiOperation operation, bool withContent)
    {
        var answers = new OpenApiResponses();
        foreach (var answer in operation.Answers)
        {
            answers[Text(answer.Status)] = new OpenApiResponse
            {
                Description = answer.Description,
                Headers = answer.IsAboutUsers ? Fields(operation) : null,
                Content = withContent ? ContentOf(document, answer.Content) : null,
            };
        }

        foreach (var problems in operation.Problems.Append(ProblemKind.Internal).GroupBy(problem => problem.Status).OrderBy(group => group.Key))
        {
            answers[Text(problems.Key)] = new OpenApiResponse
            {
                Description = string.Join(" Or: ", problems.Select(problem => problem.Title)),
                Content = withContent ? ProblemContent(document, [.. problems]) : null,
            };
        }

        return answers;
    }

    private static Dictionary<string, IOpenApiHeader> Fields(ApiOperation operation) =>
        AnswerFields
            .Concat(operation.Id == ApiOperations.GetUser.Id ? ["ETag", "Last-Modified"] : [])
            .ToDictionary(name => name, IOpenApiHeader (_) => new OpenApiHeader { Schema = ApiSchemas.Text() });

    private static Dictionary<string, OpenApiMediaType>? ContentOf(OpenApiDocument document, ApiContent content) => content switch
    {
        ApiContent.None => null,
        ApiContent.Text => Media("text/plain", ApiSchemas.Text(), ApiExamples.Of(content)),
        ApiContent.Document => Media("application/json", new OpenApiSchema { Type = JsonSchemaType.Object }, null),
        _ => Media("application/json", ApiSchemas.Reference(content.ToString(), document), ApiExamples.Of(content)),
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
