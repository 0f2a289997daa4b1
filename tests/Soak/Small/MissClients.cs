using System.Globalization;
using Lookup.Soak.Fleet;

namespace Lookup.Soak.Small;

/// <summary>Clients that request users that are not cached.</summary>
/// <param name="address">The address of the instance.</param>
/// <param name="perSecond">The number of requests per second.</param>
/// <param name="connections">The maximum number of connections.</param>
internal sealed class MissClients(Uri address, int perSecond, int connections) : Pressure
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public override string Unit => "misses";

    public override async Task RunAsync(CancellationToken stopping)
    {
        using var handler = new SocketsHttpHandler { MaxConnectionsPerServer = connections, PooledConnectionIdleTimeout = TimeSpan.FromSeconds(2) };
        using var http = new HttpClient(handler) { BaseAddress = address, Timeout = Patience };
        var first = SoakClock.Now; // a run never requests the users of an earlier one
        await OpenLoop.RunAsync(
            perSecond,
            async number =>
            {
                try
                {
                    var path = string.Create(CultureInfo.InvariantCulture, $"/api/users/cold-{first}-{number}");
                    using var response = await http.GetAsync(new Uri(path, UriKind.Relative), stopping);
                    Count((int)response.StatusCode);
                }
                catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
                {
                    if (!stopping.IsCancellationRequested)
                        Count(0);
                }
            },
            stopping);
    }
}
