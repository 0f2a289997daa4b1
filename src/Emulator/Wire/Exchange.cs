using System.Globalization;
using System.Net;
using Lookup.Emulator.Control;
using Lookup.Emulator.Storage;
using Microsoft.AspNetCore.Http.Features;

namespace Lookup.Emulator.Wire;

/// <summary>A request and its response. Kestrel keeps the object with the connection and reuses it for the next request.</summary>
/// <param name="clock">The clock of the endpoint.</param>
internal sealed class Exchange(TimeProvider clock)
{
    private const string JsonType = "application/json";
    private const string GatewayVersion = "2.0.0";

    // The charge of metadata requests, and of requests that fail before their charge is known.
    private const double MinCharge = 1;

    public DefaultHttpContext Http { get; } = new();

    public ResourcePath Path { get; private set; } = null!;

    public OperationKind Operation { get; set; }

    /// <summary>Gets or sets the charge in request units. It must be set before the response is sent.</summary>
    public double Charge { get; set; }

    /// <summary>Gets or sets the fault that applies to this request; nearly always <see langword="null"/>.</summary>
    public Fault? Fault { get; set; }

    public string Method => Http.Request.Method;

    public CancellationToken Aborted => Http.RequestAborted;

    private IHeaderDictionary ResponseHeaders => Http.Response.Headers;

    public void Begin(IFeatureCollection features)
    {
        Http.Initialize(features);
        Operation = OperationKind.Other;
        Charge = MinCharge;
        Fault = null;
    }

    public void ReadPath() => Path = ResourcePath.Parse(Http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);

    /// <summary>Returns the value of a request header, or <see langword="null"/> if the header is missing or empty.</summary>
    public string? Header(string name)
    {
        var values = Http.Request.Headers[name];
        return values.Count == 0 || string.IsNullOrEmpty(values[0]) ? null : values[0];
    }

    public bool HasFlag(string name) => string.Equals(Header(name), "true", StringComparison.OrdinalIgnoreCase);

    public void SetHeader(string name, string value) => ResponseHeaders[name] = value;

    public void SetETag(string etag) => ResponseHeaders.ETag = etag;

    /// <summary>
    /// Sets the headers for the position of the physical range from which the response was read and for the LSN of the document's last write.
    /// </summary>
    public void SetPosition(RangePosition position, Document? document = null)
    {
        SetHeader(HeaderNames.Lsn, position.LsnText);
        SetHeader(HeaderNames.LocalLsn, position.LsnText);
        SetHeader(HeaderNames.SessionToken, position.SessionToken);
        SetHeader(HeaderNames.PartitionKeyRangeId, position.RangeId);
        if (document is null) return;
        SetHeader(HeaderNames.ItemLsn, document.LsnText);
        SetHeader(HeaderNames.ItemLocalLsn, document.LsnText);
    }

    public Task RespondAsync(HttpStatusCode status) => RespondAsync(status, ReadOnlyMemory<byte>.Empty);

    public async Task RespondAsync(HttpStatusCode status, ReadOnlyMemory<byte> json)
    {
        if (Fault is { Delay: var delay, DelaysResponse: true } fault && delay > TimeSpan.Zero) await fault.WaitAsync(Aborted);
        var response = Http.Response;
        response.StatusCode = (int)status;
        SetHeader(HeaderNames.ActivityId, Header(HeaderNames.ActivityId) ?? Guid.NewGuid().ToString());
        SetHeader(HeaderNames.GatewayVersion, GatewayVersion);

        // Kestrel's own date can be more than a second old, and thus earlier than the last write of an item in the response.
        ResponseHeaders.Date = clock.GetUtcNow().ToString("r", CultureInfo.InvariantCulture);
        SetHeader(HeaderNames.RequestCharge, ChargeText());
        if (status is HttpStatusCode.NoContent or HttpStatusCode.NotModified) return;
        response.ContentLength = json.Length;
        if (json.IsEmpty) return;
        response.ContentType = JsonType;
        if (Fault?.Drop == FaultDrop.During)
        {
            await response.BodyWriter.WriteAsync(json[..(json.Length / 2)], Aborted);
            Http.Abort();
            return;
        }

        await response.BodyWriter.WriteAsync(json, Aborted);
    }

    private string ChargeText() => Charge == 1 ? "1" : Charge.ToString("0.##", CultureInfo.InvariantCulture);
}
