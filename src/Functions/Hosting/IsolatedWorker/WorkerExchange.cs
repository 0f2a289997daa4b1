using System.Net;
using Lookup.Functions.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.Extensions.Primitives;

namespace Lookup.Functions.Hosting.IsolatedWorker;

/// <summary>One request and its response, converted from the SDK's types to ASP.NET Core's features and back.</summary>
internal sealed class WorkerExchange
{
    private readonly HttpResponseData _response;
    private readonly ResponseFeature _responseFeature = new();
    private readonly bool _isHeadRequest;

    /// <param name="request">The request as the host describes it.</param>
    /// <param name="route">The route of the function, as it is declared.</param>
    public WorkerExchange(HttpRequestData request, string route)
    {
        var context = request.FunctionContext;
        _response = request.CreateResponse(HttpStatusCode.OK);
        _isHeadRequest = HttpMethods.IsHead(request.Method);
        Features.Set<IHttpRequestFeature>(Describe(request, route));
        Features.Set<IHttpRequestBodyDetectionFeature>(new BodyDetection(request.Body.Length > 0));
        Features.Set<IHttpResponseFeature>(_responseFeature);
        Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(_response.Body));
        Features.Set<IHttpRequestLifetimeFeature>(new HttpRequestLifetimeFeature { RequestAborted = context.CancellationToken });
        Features.Set<IHttpRequestIdentifierFeature>(new HttpRequestIdentifierFeature { TraceIdentifier = context.InvocationId });
    }

    public FeatureCollection Features { get; } = new();

    /// <summary>Returns the response once the pipeline has run.</summary>
    public async Task<HttpResponseData> CompleteAsync()
    {
        await _responseFeature.RunAsync(starting: true);
        await Features.GetRequiredFeature<IHttpResponseBodyFeature>().CompleteAsync();
        if (_isHeadRequest)
            _response.Body.SetLength(0);

        _response.StatusCode = (HttpStatusCode)_responseFeature.StatusCode;
        foreach (var (name, values) in _responseFeature.Headers)
            _response.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);

        await _responseFeature.RunAsync(starting: false);
        return _response;
    }

    private static HttpRequestFeature Describe(HttpRequestData request, string route)
    {
        var context = request.FunctionContext;
        var (target, query) = TargetOf(route, request.Url.OriginalString, context.BindingContext.BindingData);
        var described = new HttpRequestFeature
        {
            Method = request.Method,
            Scheme = request.Url.Scheme,
            Protocol = "HTTP/1.1",
            Path = PathString.FromUriComponent(target).Value!,
            QueryString = query,
            RawTarget = target + query,
            Body = request.Body,
        };

        // The fields as they were sent: the validated view parses known fields, and changes the order and the meaning of some.
        foreach (var (name, values) in request.Headers.NonValidated)
            described.Headers[name] = new StringValues([.. values]);

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

    private sealed record BodyDetection(bool CanHaveBody) : IHttpRequestBodyDetectionFeature;

    /// <summary>The head of a response. The body is buffered, so the response starts only after the pipeline has run.</summary>
    private sealed class ResponseFeature : HttpResponseFeature
    {
        private readonly Stack<(Func<object, Task> Callback, object State)> _starting = new();
        private readonly Stack<(Func<object, Task> Callback, object State)> _completed = new();

        public override void OnStarting(Func<object, Task> callback, object state) => _starting.Push((callback, state));

        public override void OnCompleted(Func<object, Task> callback, object state) => _completed.Push((callback, state));

        public async Task RunAsync(bool starting)
        {
            foreach (var (callback, state) in starting ? _starting : _completed)
                await callback(state);
        }
    }
}
