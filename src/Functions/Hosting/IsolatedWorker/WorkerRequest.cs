using Microsoft.AspNetCore.Http.Features;
using Microsoft.Azure.Functions.Worker.Http;

namespace Lookup.Functions.Hosting.IsolatedWorker;

/// <summary>
/// The request of an invocation. The SDK copies the body, which can have a hundred megabytes, when it is first accessed, so it is not
/// accessed for a function that reads no body.
/// </summary>
internal sealed class WorkerRequest(HttpRequestData request) : IHttpRequestFeature, IHttpRequestBodyDetectionFeature
{
    private Stream? _body;

    public string Protocol { get; set; } = "HTTP/1.1";

    public string Scheme { get; set; } = "";

    public string Method { get; set; } = "";

    public string PathBase { get; set; } = "";

    public string Path { get; set; } = "";

    public string QueryString { get; set; } = "";

    public string RawTarget { get; set; } = "";

    public IHeaderDictionary Headers { get; set; } = new HeaderDictionary();

    public Stream Body
    {
        get => _body ??= request.Body;
        set => _body = value;
    }

    /// <summary>Gets a value that indicates whether there is a body: the host passes one on only if its length is given.</summary>
    public bool CanHaveBody => Headers.ContentLength > 0;
}
