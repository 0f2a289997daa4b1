using System.Net;
using Lookup.Functions.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.Extensions.Primitives;

namespace Lookup.Functions.Hosting.IsolatedWorker;

/// <summary>One request and its response, converted from the SDK's types to ASP.NET Core's features and back.</summary>
internal sealed class WorkerExchange
{
    private readonly HttpRequestData _request;

    /// <param name="request">The request as the host describes it.</param>
    /// <param name="route">The route of the function, as it is declared.</param>
    public WorkerExchange(HttpRequestData request, string route)
    {
        _request = request;
        var context = request.FunctionContext;
        var described = Describe(request, route);
        Features.Set<IHttpRequestFeature>(described);
        Features.Set<IHttpRequestBodyDetectionFeature>(described);
        Features.Set<IHttpResponseFeature>(Response);
        Features.Set<IHttpResponseBodyFeature>(Response);
        Features.Set<IHttpRequestLifetimeFeature>(new HttpRequestLifetimeFeature { RequestAborted = context.CancellationToken });
        Features.Set<IHttpRequestIdentifierFeature>(new HttpRequestIdentifierFeature { TraceIdentifier = context.InvocationId });
    }

    public FeatureCollection Features { get; } = new();

    public WorkerResponse Response { get; } = new();

    /// <summary>Returns the response of the SDK after the pipeline has run.</summary>
    public HttpResponseData ToResponseData()
    {
        var response = _request.CreateResponse(HttpStatusCode.OK);
        Response.CopyTo(response, HttpMethods.IsHead(_request.Method));
        return response;
    }

    private static WorkerRequest Describe(HttpRequestData request, string route)
    {
        var context = request.FunctionContext;
        var (target, query) = TargetOf(route, request.Url.OriginalString, context.BindingContext.BindingData);
        var described = new WorkerRequest(request)
        {
            Method = request.Method,
            Scheme = request.Url.Scheme,
            Path = PathString.FromUriComponent(target).Value!,
            QueryString = query,
            RawTarget = target + query,
        };

        // The fields as they were sent: the validated view parses known fields, and changes the order and the meaning of some.
        foreach (var (name, values) in request.Headers.NonValidated)
            described.Headers[name] = values.Count == 1 ? new StringValues(values.ToString()) : new StringValues([.. values]);

        // The request belongs to the trace of the host, whatever its headers contain.
        if (context.TraceContext.TraceParent is { Length: > 0 } parent)
        {
            described.Headers.TraceParent = parent;
            described.Headers.TraceState = context.TraceContext.TraceState;
        }

        return described;
    }

    /// <summary>
    /// Returns the path and the query of a request. The host decodes the path of the address, which loses information, so the parameter of the
    /// route comes from the values that the host has bound. The parameter is always the last segment of the route.
    /// </summary>
    private static (string Path, string Query) TargetOf(string route, string address, IReadOnlyDictionary<string, object?> values)
    {
        var (folder, value) = (route, "");
        var parameter = route.IndexOf('{', StringComparison.Ordinal);
        if (parameter >= 0)
        {
            var name = route[(parameter + 1)..route.IndexOfAny([':', '?', '}'], parameter)];
            (folder, value) = (route[..(parameter - 1)], values.GetValueOrDefault(name) as string ?? "");

            // If the path has no value for an optional parameter, the host binds a query parameter, or a member of the body, of the same name to it.
            if (route.EndsWith("?}", StringComparison.Ordinal) && !PathOf(address, 0).TrimEnd('/').EndsWith($"/{value}", StringComparison.Ordinal))
                value = "";
        }

        var path = PathOf(address, value.Count('?'));
        var target = Routes.Prefix + folder + (value.Length == 0 ? "" : "/" + Uri.EscapeDataString(value)) + (path.EndsWith('/') ? "/" : "");
        return (target, address[path.Length..]);
    }

    /// <summary>Returns the part of an address before its query. The decoded path can itself contain question marks, as many as specified.</summary>
    private static ReadOnlySpan<char> PathOf(string address, int questionMarks)
    {
        var end = -1;
        do
            end = address.IndexOf('?', end + 1);
        while (end >= 0 && questionMarks-- > 0);
        return end < 0 ? address : address.AsSpan(0, end);
    }
}
