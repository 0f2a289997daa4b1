using System.Net;
using Lookup.Functions.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.Extensions.Primitives;

namespace Lookup.Functions.Hosting.IsolatedWorker;

/// <summary>One request and its response, between the worker's data and ASP.NET Core's features.</summary>
internal sealed class WorkerExchange
{
    private readonly HttpResponseData _response;
    private readonly ResponseFeature _head = new();
    private readonly bool _isHead;

    /// <param name="request">The request as the host describes it.</param>
    /// <param name="route">The route of the function, as it is declared.</param>
    public WorkerExchange(HttpRequestData request, string route)
    {
        var context = request.FunctionContext;
        _response = request.CreateResponse(HttpStatusCode.OK);
        _isHead = HttpMethods.IsHead(request.Method);
        Features.Set<IHttpRequestFeature>(Describe(request, route));
        Features.Set<IHttpRequestBodyDetectionFeature>(new BodyDetection(request.Body.Length > 0));
        Features.Set<IHttpResponseFeature>(_head);
        Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(_response.Body));
        Features.Set<IHttpRequestLifetimeFeature>(new HttpRequestLifetimeFeature { RequestAborted = context.CancellationToken });
        Features.Set<IHttpRequestIdentifierFeature>(new HttpRequestIdentifierFeature { TraceIdentifier = context.InvocationId });
    }

    public FeatureCollection Features { get; } = new();

    /// <summary>Returns the response once the pipeline has run.</summary>
    public async Task<HttpResponseData> CompleteAsync()
    {
        await _head.RunAsync(starting: true);
        await Features.GetRequiredFeature<IHttpResponseBodyFeature>().CompleteAsync();
        if (_isHead)
            _response.Body.SetLength(0);

        _response.StatusCode = (HttpStatusCode)_head.StatusCode;
        foreach (var (name, values) in _head.Headers)
        {
            // The host computes the length from the body that it receives.
            if (!name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
                _response.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
        }

        await _head.RunAsync(starting: false);
        return _response;
    }

    private static HttpRequestFeature Describe(HttpRequestData request, string route)
    {
        var context = request.FunctionContext;
        var address = request.Url.OriginalString;
        var start = address.IndexOf('?', StringComparison.Ordinal);
        var (path, query) = start < 0 ? (address, "") : (address[..start], address[start..]); // an id with a question mark, which would precede the query, is not valid anyway
        var target = TargetOf(route, context.BindingContext.BindingData, endsWithSlash: path.EndsWith('/'));
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
        foreach (var (name, values) in request.Headers)
            described.Headers[name] = values is string[] several ? several : new StringValues([.. values]);

        // The request belongs to the trace of the host, whatever its headers contain.
        if (context.TraceContext.TraceParent is { Length: > 0 } parent)
        {
            described.Headers.TraceParent = parent;
            described.Headers.TraceState = context.TraceContext.TraceState;
        }

        return described;
    }

    /// <summary>Returns the path of a request from the values that the host has bound: its own decoding of the address is lossy.</summary>
    private static string TargetOf(string route, IReadOnlyDictionary<string, object?> values, bool endsWithSlash)
    {
        var segments = route.Split('/');
        for (var i = 0; i < segments.Length; i++)
        {
            if (!segments[i].StartsWith('{'))
                continue;

            var name = segments[i][1..segments[i].IndexOfAny([':', '?', '}'])];
            segments[i] = Uri.EscapeDataString(values.GetValueOrDefault(name) as string ?? "");
        }

        // The host's routes ignore a slash at the end, but it has a meaning: it makes an id invalid, and the relative addresses of the API
        // reference need it. It is never part of a value, because the host does not decode slashes.
        var target = Routes.Prefix + string.Join('/', segments.Where(segment => segment.Length > 0));
        return endsWithSlash ? target + "/" : target;
    }

    private sealed record BodyDetection(bool CanHaveBody) : IHttpRequestBodyDetectionFeature;

    /// <summary>The head of a response that starts when the pipeline has run: its body is buffered.</summary>
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
