using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace Lookup.Emulator.Tests;

/// <summary>A plain HTTP client of an emulator that signs requests like the SDK, so that tests can send single invalid headers.</summary>
internal sealed class RawClient(CosmosEmulator emulator) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = emulator.Endpoint };

    public string Key { get; set; } = emulator.Key;

    public DateTimeOffset Date { get; set; } = TimeProvider.System.GetUtcNow();

    /// <summary>Gets or sets a callback that changes the signed request before it is sent.</summary>
    public Action<HttpRequestMessage> Change { get; set; } = _ => { };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static string Sign(string key, string method, string kind, string link, string date)
    {
        var payload = $"{method.ToLowerInvariant()}\n{kind}\n{link}\n{date.ToLowerInvariant()}\n\n";
        var signature = Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(key), Encoding.UTF8.GetBytes(payload)));
        return Uri.EscapeDataString($"type=master&ver=1.0&sig={signature}");
    }

    /// <summary>Signs the resource of a path: for a feed, the parent resource; for a single resource, the resource itself.</summary>
    public static string SignPath(string key, string method, string path, string date)
    {
        var segments = path.Split('?')[0].Split('/', StringSplitOptions.RemoveEmptyEntries).Select(Uri.UnescapeDataString).ToArray();
        var kind = segments.Length == 0 ? "" : segments[(segments.Length - 1) / 2 * 2];
        return Sign(key, method, kind, string.Join('/', segments.Length % 2 == 1 ? segments[..^1] : segments), date);
    }

    public async Task<(HttpStatusCode Status, string Body, HttpResponseMessage Response)> SendAsync(
        string method, string path, string? json = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (json is not null) request.Content = new StringContent(json);
        var date = Date.ToString("r");
        request.Headers.TryAddWithoutValidation("x-ms-date", date);
        request.Headers.TryAddWithoutValidation("authorization", SignPath(Key, method, path, date));
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        Change(request);
        var response = await _http.SendAsync(request, Cancellation);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Cancellation), response);
    }

    public void Dispose() => _http.Dispose();
}
