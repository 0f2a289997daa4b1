using System.Text.RegularExpressions;

namespace Lookup.Local.Load;

/// <summary>Keeps the service busy at a moderate rate, so that there is something to see: until the run ends.</summary>
/// <param name="instances">Where the instances are; each is asked in turn.</param>
/// <param name="users">How many sample users there are: at least 1.</param>
/// <param name="time">What the rate is measured by.</param>
internal sealed partial class LoadGenerator(IReadOnlyList<Uri> instances, int users, TimeProvider time)
{
    /// <summary>Lookups a second, over all instances.</summary>
    public const int LookupsPerSecond = 200;

    /// <summary>Changes of users a second.</summary>
    public const int ChangesPerSecond = 4;

    private const int StepsPerSecond = 20;

    // Where the service is slow, lookups are left out rather than queued: a browser would not wait either.
    private const int MostUnderWay = 100;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly LoadRequests _requests = new(users, new Random());
    private int _underWay;
    private int _sent;

    /// <summary>Sends until it is cancelled. What fails is the service's affair, and shows there.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        using var client = new HttpClient { Timeout = Patience };
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
        if (Volatile.Read(ref _underWay) >= MostUnderWay)
        {
            request.Dispose();
            return;
        }

        Interlocked.Increment(ref _underWay);
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
        catch (Exception failed) when (failed is HttpRequestException or OperationCanceledException)
        {
            // The service did not answer, or this run ends.
        }
        finally
        {
            request.Dispose();
            Interlocked.Decrement(ref _underWay);
        }
    }

    [GeneratedRegex("^/api/users/u[0-9]+$")]
    private static partial Regex OneUser();
}
