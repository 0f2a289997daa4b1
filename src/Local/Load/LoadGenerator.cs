using System.Text.RegularExpressions;

namespace Lookup.Local.Load;

/// <summary>The generator of a moderate load on the service, so that the dashboard shows activity.</summary>
/// <param name="instances">The addresses of the instances, which receive the requests in turn.</param>
/// <param name="users">The number of sample users: at least 1.</param>
/// <param name="time">The clock of the rate.</param>
internal sealed partial class LoadGenerator(IReadOnlyList<Uri> instances, int users, TimeProvider time)
{
    /// <summary>The number of lookups per second, over all instances.</summary>
    public const int LookupsPerSecond = 200;

    /// <summary>The number of changes of users per second.</summary>
    public const int ChangesPerSecond = 4;

    private const int StepsPerSecond = 20;

    // If the service is slow, requests are skipped rather than queued.
    private const int MaxInFlight = 100;

    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(5);

    private readonly LoadRequests _requests = new(users, new Random());
    private int _inFlight;
    private int _sent;

    /// <summary>Sends requests until cancellation is requested. Failures are ignored here, because the service reports them.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        using var client = new HttpClient { Timeout = RequestTimeout };
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / StepsPerSecond), time);
        for (var step = 0; await timer.WaitForNextTickAsync(cancellation); step++)
        {
            for (var lookup = 0; lookup < LookupsPerSecond / StepsPerSecond; lookup++)
                Start(client, _requests.NextLookup(), cancellation);
            if (step % (StepsPerSecond / ChangesPerSecond) == 0)
                Start(client, _requests.NextChange(), cancellation);
        }
    }

    private void Start(HttpClient client, HttpRequestMessage request, CancellationToken cancellation)
    {
        if (Volatile.Read(ref _inFlight) >= MaxInFlight)
        {
            request.Dispose();
            return;
        }

        Interlocked.Increment(ref _inFlight);
        _ = SendAsync(client, request, instances[_sent++ % instances.Count], cancellation);
    }

    private async Task SendAsync(HttpClient client, HttpRequestMessage request, Uri instance, CancellationToken cancellation)
    {
        try
        {
            request.RequestUri = new Uri(instance, request.RequestUri!);
            using var response = await client.SendAsync(request, cancellation);
            var body = await response.Content.ReadAsStringAsync(cancellation);
            if (response.IsSuccessStatusCode && OneUser().IsMatch(request.RequestUri.AbsolutePath))
                _requests.Learn(body);
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            // The service did not respond, or the run is ending.
        }
        finally
        {
            request.Dispose();
            Interlocked.Decrement(ref _inFlight);
        }
    }

    [GeneratedRegex("^/api/users/u[0-9]+$")]
    private static partial Regex OneUser();
}
