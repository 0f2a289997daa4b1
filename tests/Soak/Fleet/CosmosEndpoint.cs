using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Lookup.Emulator;

namespace Lookup.Soak.Fleet;

/// <summary>
/// The endpoint as a separate process. Writes go directly to it; the instances connect through the <see cref="Forwarder"/>, whose
/// address stays the same when the process ends.
/// </summary>
internal sealed class CosmosEndpoint : IAsyncDisposable
{
    private const int Ranges = 4;
    private const string Documents = "/dbs/lookup/colls/users/docs";
    private static readonly byte[] Key = Convert.FromBase64String(CosmosEmulator.AccountKey);

    private readonly string _program;
    private readonly HttpClient _http = new(new SocketsHttpHandler { MaxConnectionsPerServer = 64 }) { Timeout = TimeSpan.FromSeconds(30) };
    private ChildProcess? _process;
    private Uri _address = new("http://127.0.0.1:1/");
    private (string Date, string Signature) _createSignature = ("", "");

    private CosmosEndpoint(string program) => _program = program;

    /// <summary>Gets the forwarder that the instances connect to.</summary>
    public Forwarder Proxy { get; } = new();

    public string ConnectionString => $"AccountEndpoint=http://127.0.0.1:{Proxy.Port}/;AccountKey={CosmosEmulator.AccountKey};";

    public ProcessVitals? Vitals => _process is { } process ? ProcessVitals.Of(process.Id) : null;

    public static async Task<CosmosEndpoint> StartAsync(string program, CancellationToken cancellationToken)
    {
        var endpoint = new CosmosEndpoint(program);
        try
        {
            await endpoint.StartProcessAsync(cancellationToken);
            await endpoint.CreateContainerAsync(cancellationToken);
            return endpoint;
        }
        catch
        {
            await endpoint.DisposeAsync();
            throw;
        }
    }

    public async Task KillAsync()
    {
        if (_process is null)
            return;
        await _process.KillAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>Starts the process, which is empty: even the container does not exist.</summary>
    public async Task StartProcessAsync(CancellationToken cancellationToken)
    {
        var port = FreePort.Next();
        _process = ChildProcess.Start(_program, ["--port", $"{port}", "--ranges", $"{Ranges}"], [ChildProcess.WithoutInstrumentation], Path.GetDirectoryName(_program));
        _address = new Uri($"http://127.0.0.1:{port}/");
        Proxy.Target = port;
        var began = SoakClock.Now;
        while (!await RespondsAsync(cancellationToken))
        {
            if (_process.HasExited || SoakClock.Now - began > Eventually.Limit.Ticks)
                throw new InvalidOperationException($"The endpoint did not start:\n{string.Join('\n', _process.Lines)}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
        }
    }

    public async Task CreateContainerAsync(CancellationToken cancellationToken)
    {
        await MustAsync(await SendAsync("POST", "/dbs", "dbs", "", """{"id":"lookup"}""", null, cancellationToken));
        const string Container = """{"id":"users","partitionKey":{"paths":["/id"],"kind":"Hash","version":2}}""";
        await MustAsync(await SendAsync("POST", "/dbs/lookup/colls", "colls", "dbs/lookup", Container, null, cancellationToken));
    }

    /// <summary>Writes a user. Returns true if the write was acknowledged, or false if its outcome is unknown.</summary>
    public Task<bool> TryPutAsync(string id, string json, CancellationToken cancellationToken) =>
        TryAsync("POST", Documents, "dbs/lookup/colls/users", json, id, null, cancellationToken);

    /// <summary>Deletes a user. A 404 also counts as an acknowledgment: an earlier attempt succeeded.</summary>
    public Task<bool> TryDeleteAsync(string id, CancellationToken cancellationToken) =>
        TryAsync("DELETE", $"{Documents}/{id}", $"dbs/lookup/colls/users/docs/{id}", null, id, HttpStatusCode.NotFound, cancellationToken);

    /// <summary>Sends a request to a control route of the endpoint. Returns false if the request failed.</summary>
    public async Task<bool> TryControlAsync(HttpMethod method, string route, object? body, CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(method, new Uri(_address, $"_emulator/{route}"));
            request.Content = body is null ? null : JsonContent.Create(body);
            using var response = await _http.SendAsync(request, cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>Returns the current physical ranges, requested in the way that clients request them.</summary>
    public async Task<IReadOnlyList<string>> RangesAsync(CancellationToken cancellationToken)
    {
        using var response = await SendAsync("GET", "/dbs/lookup/colls/users/pkranges", "pkranges", "dbs/lookup/colls/users", null, null, cancellationToken);
        using var json = await response.Content.ReadFromJsonAsync<JsonDocument>(cancellationToken);
        return [.. json!.RootElement.GetProperty("PartitionKeyRanges").EnumerateArray().Select(range => range.GetProperty("id").GetString()!)];
    }

    public async ValueTask DisposeAsync()
    {
        await Proxy.DisposeAsync();
        await KillAsync();
        _http.Dispose();
    }

    private async Task<bool> RespondsAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _http.GetAsync(new Uri(_address, "_emulator/stats"), cancellationToken);
            return true;
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }

    private async Task<bool> TryAsync(
        string method, string path, string link, string? json, string id, HttpStatusCode? alsoGood, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await SendAsync(method, path, "docs", link, json, id, cancellationToken);
            return response.IsSuccessStatusCode || response.StatusCode == alsoGood;
        }
        catch (HttpRequestException)
        {
            return false;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task<HttpResponseMessage> SendAsync(
        string method, string path, string kind, string link, string? json, string? partitionKey, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(_address, path));
        var (date, signature) = Sign(method, kind, link);
        request.Headers.TryAddWithoutValidation("x-ms-date", date);
        request.Headers.TryAddWithoutValidation("authorization", signature);
        if (partitionKey is not null)
            request.Headers.TryAddWithoutValidation("x-ms-documentdb-partitionkey", $"[\"{partitionKey}\"]");
        if (kind == "docs" && method == "POST")
        {
            request.Headers.TryAddWithoutValidation("x-ms-documentdb-is-upsert", "True");
            request.Headers.TryAddWithoutValidation("Prefer", "return=minimal");
        }

        if (json is not null)
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        return await _http.SendAsync(request, cancellationToken);
    }

    /// <summary>Returns a signature. Signatures are valid for minutes and mostly for the same resource, so one is created each second.</summary>
    private (string Date, string Signature) Sign(string method, string kind, string link)
    {
        var date = TimeProvider.System.GetUtcNow().ToString("r", CultureInfo.InvariantCulture);
        var isCreate = kind == "docs" && method == "POST";
        var known = _createSignature;
        if (isCreate && known.Date == date)
            return known;

        var payload = $"{method.ToLowerInvariant()}\n{kind}\n{link}\n{date.ToLowerInvariant()}\n\n";
        var signature = Convert.ToBase64String(HMACSHA256.HashData(Key, Encoding.UTF8.GetBytes(payload)));
        var made = (date, Uri.EscapeDataString($"type=master&ver=1.0&sig={signature}"));
        if (isCreate)
            _createSignature = made;
        return made;
    }

    private static async Task MustAsync(HttpResponseMessage response)
    {
        using (response)
        {
            if (!response.IsSuccessStatusCode)
                throw new InvalidOperationException($"The endpoint returned {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
        }
    }
}
