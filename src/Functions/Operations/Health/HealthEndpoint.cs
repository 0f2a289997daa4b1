using Lookup.Functions.Http;
using Lookup.Functions.Settings;

namespace Lookup.Functions.Operations.Health;

/// <summary><c>GET /api/health/live</c> and <c>GET /api/health/ready</c>.</summary>
internal sealed class HealthEndpoint(Readiness readiness, HttpOptions options, HostingMode mode)
{
    private static readonly TimeSpan NotReadyRetryAfter = TimeSpan.FromSeconds(1);

    private readonly byte[][] _adminKeys = [.. options.AdminKeys.Select(KeyMiddleware.Digest)];

    /// <summary>
    /// Without keys, every client on this machine is an administrator. Behind the Functions host, no client is recognized as one.
    /// </summary>
    private readonly bool _isOpen = !mode.IsBehindFunctionsHost && options.HasNoKeys;

    /// <summary>Reports that the process is alive, without further checks.</summary>
    public static Task LiveAsync(HttpContext context) =>
        JsonResponse.WriteAsync(context, new HealthReport("live"), OperationsJson.Default.HealthReport);

    /// <summary>Reports whether the instance can serve lookups.</summary>
    public async Task ReadyAsync(HttpContext context)
    {
        var state = await readiness.CheckAsync(context.RequestAborted);
        if (state.Status == ReadinessStatus.NotReady)
        {
            var detail = IsAdministrator(context) ? string.Join(' ', state.Checks.Select(check => check.Detail)) : null;
            await ProblemWriter.WriteAsync(
                context, ProblemKind.NotReady, detail ?? "This instance cannot serve lookups. Its log contains the reason.", NotReadyRetryAfter);
            return;
        }

        var report = new HealthReport(
            state.Status == ReadinessStatus.Ready ? "ready" : "degraded", IsAdministrator(context) ? state.Checks : null);
        await JsonResponse.WriteAsync(context, report, OperationsJson.Default.HealthReport);
    }

    private bool IsAdministrator(HttpContext context) =>
        _isOpen
        || (!mode.IsBehindFunctionsHost
            && KeyMiddleware.GivenBy(context.Request) is { } key
            && KeyMiddleware.IsAmong(_adminKeys, KeyMiddleware.Digest(key)));
}
