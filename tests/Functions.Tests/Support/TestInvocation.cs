using System.Net;
using System.Security.Claims;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;

namespace Lookup.Functions.Tests.Support;

/// <summary>An invocation of a function as the SDK of the isolated worker represents it.</summary>
internal sealed class TestInvocation(IServiceProvider? services = null) : FunctionContext
{
    public override string InvocationId => "1";

    public override string FunctionId => "1";

    public override TraceContext TraceContext { get; } = new NoTrace();

    public override BindingContext BindingContext { get; } = new NoBinding();

    public override RetryContext RetryContext => throw new NotSupportedException();

    public override IServiceProvider InstanceServices { get; set; } = services!;

    public override FunctionDefinition FunctionDefinition => throw new NotSupportedException();

    public override IDictionary<object, object> Items { get; set; } = new Dictionary<object, object>();

    public override IInvocationFeatures Features => throw new NotSupportedException();

    /// <summary>Gets a value that indicates whether the body of the request was accessed, which makes the SDK copy it.</summary>
    public bool HasCopiedBody { get; private set; }

    /// <summary>Returns a request that this invocation carries.</summary>
    /// <param name="address">The address.</param>
    /// <param name="body">The body, or <see langword="null"/> if there is none.</param>
    public HttpRequestData Get(string address, byte[]? body = null) => new Request(this, new Uri(address), body);

    private sealed class NoTrace : TraceContext
    {
        public override string TraceParent => "";

        public override string TraceState => "";
    }

    private sealed class NoBinding : BindingContext
    {
        public override IReadOnlyDictionary<string, object?> BindingData { get; } = new Dictionary<string, object?>();
    }

    private sealed class Request(TestInvocation context, Uri url, byte[]? body) : HttpRequestData(context)
    {
        public override Stream Body
        {
            get
            {
                context.HasCopiedBody = true;
                return new MemoryStream(body ?? []);
            }
        }

        public override HttpHeadersCollection Headers { get; } = body is null ? [] : new([KeyValuePair.Create("content-length", $"{body.Length}")]);

        public override IReadOnlyCollection<IHttpCookie> Cookies => [];

        public override Uri Url => url;

        public override IEnumerable<ClaimsIdentity> Identities => [];

        public override string Method => "GET";

        public override HttpResponseData CreateResponse() => new Response(FunctionContext);
    }

    private sealed class Response(FunctionContext context) : HttpResponseData(context)
    {
        public override HttpStatusCode StatusCode { get; set; }

        public override HttpHeadersCollection Headers { get; set; } = [];

        public override Stream Body { get; set; } = new MemoryStream();

        public override HttpCookies Cookies => throw new NotSupportedException();
    }
}
