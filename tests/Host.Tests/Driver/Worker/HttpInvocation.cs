using System.Text.Json;
using Google.Protobuf;
using Lookup.Host.Tests.Driver.Worker.Messages;
using Microsoft.AspNetCore.Http;

namespace Lookup.Host.Tests.Driver.Worker;

/// <summary>The conversion of HTTP requests to invocations of an isolated worker and of their results to HTTP responses, as on the host.</summary>
/// <remarks>
/// Written after <c>GrpcMessageConversionExtensions</c> and <c>RawScriptResult</c> of Azure/azure-functions-host, and
/// <c>HttpTriggerAttributeBindingProvider</c> of Azure/azure-webjobs-sdk-extensions.
/// </remarks>
internal static class HttpInvocation
{
    /// <summary>Describes a request to a function. The server has decoded the path once, except for <c>%2F</c>.</summary>
    public static async Task<InvocationRequest> ToInvocationAsync(this HttpRequest request, string functionId)
    {
        var http = new RpcHttp
        {
            Method = request.Method,
            Url = $"{request.Scheme}://{request.Host}{request.Path.Value}{request.QueryString}",
        };
        foreach (var (name, values) in request.Query)
            http.NullableQuery[name] = new NullableString { Value = values.ToString() };
        foreach (var (name, values) in request.Headers)
            http.NullableHeaders[name.ToLowerInvariant()] = new NullableString { Value = values.ToString() };
        foreach (var (name, value) in request.RouteValues)
            http.NullableParams[name] = new NullableString { Value = (string)value! };

        // The host passes on a body only if its length is given.
        if (request.ContentLength > 0)
            http.Body = new TypedData { Bytes = await ByteString.FromStreamAsync(request.Body, request.HttpContext.RequestAborted) };

        var invocation = new InvocationRequest
        {
            InvocationId = Guid.NewGuid().ToString(),
            FunctionId = functionId,
            TraceContext = new RpcTraceContext { TraceParent = request.Headers.TraceParent.ToString(), TraceState = request.Headers.TraceState.ToString() },
        };
        invocation.InputData.Add(new ParameterBinding { Name = "req", Data = new TypedData { Http = http } });
        AddBindingData(invocation, request, http);
        return invocation;
    }

    /// <summary>Writes the result of an invocation as the response to the client.</summary>
    public static async Task WriteAsync(this InvocationResponse invocation, HttpContext context)
    {
        var response = context.Response;
        if (invocation.Result.Status != StatusResult.Types.Status.Success)
        {
            response.StatusCode = StatusCodes.Status500InternalServerError;
            return;
        }

        // The host would use the default status 200, and write the description of the response as the body.
        var http = invocation.ReturnValue.Http;
        if (http.Body is null)
            throw new InvalidDataException("The response of the worker has no body, not even an empty one.");

        response.StatusCode = int.Parse(http.StatusCode, null);
        foreach (var (name, value) in http.Headers)
        {
            if (!response.Headers.TryAdd(name, value))
                throw new InvalidDataException($"The response of the worker has the field '{name}' twice.");
        }

        using var body = new MemoryStream(http.Body.Bytes.ToByteArray());
        await body.CopyToAsync(response.Body, context.RequestAborted); // writes nothing if the body is empty
    }

    /// <summary>Adds the data by which other bindings could refer to the request: members of the body, over them the query, over it the route.</summary>
    private static void AddBindingData(InvocationRequest invocation, HttpRequest request, RpcHttp http)
    {
        var metadata = invocation.TriggerMetadata;
        foreach (var (name, value) in MembersOf(http.Body))
            metadata[name] = new TypedData { String = value };
        foreach (var (name, values) in request.Query.Where(parameter => !parameter.Key.Equals("code", StringComparison.OrdinalIgnoreCase)))
            Set(name, values.ToString());
        foreach (var (name, value) in request.RouteValues)
            Set(name, (string)value!);
        metadata.TryAdd("Query", new TypedData { Json = Json(request.Query) });
        metadata.TryAdd("Headers", new TypedData { Json = Json(request.Headers) });

        // Names are compared without case on the host.
        void Set(string name, string value)
        {
            foreach (var same in metadata.Keys.Where(key => key.Equals(name, StringComparison.OrdinalIgnoreCase)).ToArray())
                metadata.Remove(same);
            metadata[name] = new TypedData { String = value };
        }
    }

    private static string Json(IEnumerable<KeyValuePair<string, Microsoft.Extensions.Primitives.StringValues>> fields) =>
        JsonSerializer.Serialize(fields.ToDictionary(field => field.Key, field => field.Value.ToString()));

    private static IEnumerable<(string Name, string Value)> MembersOf(TypedData? body)
    {
        try
        {
            return body is null ? [] : [.. JsonSerializer.Deserialize<JsonElement>(body.Bytes.Span).EnumerateObject()
                .Where(member => member.Value.ValueKind == JsonValueKind.String)
                .Select(member => (member.Name, member.Value.GetString()!))];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return [];
        }
    }
}
