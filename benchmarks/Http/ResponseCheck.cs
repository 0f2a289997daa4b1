using System.Net;
using System.Text;
using System.Text.Json;
using Lookup.Benchmarks.Http.Processes;
using Lookup.Benchmarks.Http.Servers;

namespace Lookup.Benchmarks.Http;

/// <summary>A check of the responses before the measurement, because incorrect responses can be very fast.</summary>
internal sealed class ResponseCheck : IDisposable
{
    /// <summary>The fields that vary from one response to the next.</summary>
    private static readonly string[] Varying = ["Age", "Cache-Status", "Date", "ETag", "Last-Modified", "Server-Timing"];

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(20) };

    /// <summary>Requests every user, and compares each response byte for byte.</summary>
    public async Task UsersAsync(string name, ServerProcess server, UserSet set, CancellationToken cancellation)
    {
        foreach (var (target, body) in set.Targets.Zip(set.Bodies))
            IsEqual(name, target, body, (await GetAsync(server, target, null, cancellation)).Body);
    }

    /// <summary>Requests only the first user, for a server that has only one response.</summary>
    public async Task OneUserAsync(string name, ServerProcess server, UserSet set, CancellationToken cancellation) =>
        IsEqual(name, set.Targets.First(), set.Bodies[0], (await GetAsync(server, set.Targets.First(), null, cancellation)).Body);

    /// <summary>Requests all users in one batch.</summary>
    public async Task BatchAsync(string name, ServerProcess server, UserSet set, CancellationToken cancellation)
    {
        using var content = new StringContent(set.BatchRequest, Encoding.UTF8, "application/json");
        using var response = await _http.PostAsync(new Uri(server.Address, "/api/users/lookup"), content, cancellation);
        var body = await response.Content.ReadAsByteArrayAsync(cancellation);

        // The store returns the properties of a user in another order from a query than from a point read.
        using var expected = JsonDocument.Parse(set.BatchBody);
        using var given = JsonDocument.Parse(body);
        if (!JsonElement.DeepEquals(expected.RootElement, given.RootElement))
            IsEqual(name, "a batch", set.BatchBody, body);
    }

    /// <summary>Compares the fields of two servers' responses: their names, and the values of those that do not vary.</summary>
    public async Task FieldsAsync(ServerProcess one, ServerProcess other, string target, string? etag, CancellationToken cancellation)
    {
        var first = Lines(await GetAsync(one, target, etag, cancellation));
        var second = Lines(await GetAsync(other, target, etag, cancellation));
        if (!first.SequenceEqual(second))
            throw new BenchmarkException($"The fields of {target} differ: '{string.Join("', '", first)}' and '{string.Join("', '", second)}'.");

        static List<string> Lines(PreparedResponse response) =>
        [
            $"{response.Status}",
            .. response.Fields.Select(contenders => Varying.Contains(contenders.Key) ? contenders.Key : $"{contenders.Key}: {contenders.Value}").Order(StringComparer.Ordinal),
        ];
    }

    public async Task<PreparedResponse> GetAsync(ServerProcess server, string target, string? etag, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server.Address, target));
        if (etag is not null)
            request.Headers.TryAddWithoutValidation("If-None-Match", etag);
        using var response = await _http.SendAsync(request, cancellation);
        if (response.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.NotModified))
            throw new BenchmarkException($"{request.RequestUri} returned {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(cancellation)}");

        var fields = response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated)
            .ToDictionary(contenders => contenders.Key, contenders => contenders.Value.ToString());
        return new PreparedResponse((int)response.StatusCode, fields, await response.Content.ReadAsByteArrayAsync(cancellation));
    }

    public void Dispose() => _http.Dispose();

    private static void IsEqual(string name, string what, byte[] expected, byte[] given)
    {
        if (!expected.AsSpan().SequenceEqual(given))
        {
            var at = expected.AsSpan().CommonPrefixLength(given);
            throw new BenchmarkException(
                $"{name} returned an incorrect response for {what}, from byte {at} on: '{Near(given, at)}' instead of '{Near(expected, at)}'.");
        }
    }

    private static string Near(byte[] text, int at) => Encoding.UTF8.GetString(text.AsSpan(Math.Min(at, text.Length)..Math.Min(at + 60, text.Length)));
}
