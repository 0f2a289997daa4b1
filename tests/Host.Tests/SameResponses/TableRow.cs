namespace Lookup.Host.Tests.SameResponses;

/// <summary>A request, with the status of its response in each way of running the app.</summary>
/// <param name="Method">The method.</param>
/// <param name="Path">The path below <c>/api/</c> and the query, sent byte for byte.</param>
/// <param name="Status">The status of the response of the app alone and, unless specified otherwise, behind a host.</param>
internal sealed record TableRow(string Method, string Path, int Status)
{
    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    public byte[]? Body { get; init; }

    public string? ContentType { get; init; } = "application/json";

    /// <summary>Gets a value that indicates whether the body is sent without its length.</summary>
    public bool IsChunked { get; init; }

    /// <summary>Gets the status behind a host, in both ways, if the host changes the meaning of the request.</summary>
    public int? BehindHost { get; init; }

    /// <summary>Gets the status in the isolated worker, if the host changes the meaning of the request for it only.</summary>
    public int? InWorker { get; init; }

    /// <summary>Gets the name of the row.</summary>
    public string Name => string.Join(' ', [
        Method, Path, .. Headers.Select(header => $"[{header.Name}: {header.Value}]"),
        .. (string[])(Body is null ? [] : [$"({(IsChunked ? "chunked " : "")}{ContentType}, {Body.Length} bytes)"])]);
}
