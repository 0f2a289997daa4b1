using Lookup.Functions.Hosting;
using Lookup.Functions.Hosting.Standalone;
using Lookup.Functions.Http;

namespace Lookup.Functions.Operations.Health;

/// <summary><c>GET /api/health/live</c> and <c>GET /api/health/ready</c>.</summary>
internal sealed class Health(Readiness readiness, LookupSettings settings, ListenAddresses listening)
{
    private static readonly TimeSpan Shortly = TimeSpan.FromSeconds(1);

    private readonly byte[][] _adminKeys = [.. settings.AdminKeys.Select(KeyMiddleware.Digest)];

    /// <summary>Where no key is asked for anywhere, everybody on this machine is an administrator. Behind the Functions host nobody is here.</summary>
    private readonly bool _isOpen = !listening.IsBehindFunctionsHost && settings.Keys.Count == 0 && settings.AdminKeys.Count == 0;

    /// <summary>The process lives: that it answers says so.</summary>
    public static Task LiveAsync(HttpContext context) =>
        JsonAnswer.WriteAsync(context, new HealthReport("live"), LookupJson.Default.HealthReport);

    /// <summary>The instance can answer lookups.</summary>
    public async Task ReadyAsync(HttpContext context)
    {
        var state = await readiness.CheckAsync(context.RequestAborted);
        if (state.Status == ReadinessStatus.NotReady)
        {
            var detail = IsAdministrator(context) ? string.Join(' ', state.Checks.Select(check => check.Detail)) : null;
            await ProblemWriter.WriteAsync(
                context, ProblemKind.NotReady, detail ?? "Neither the change feed nor the user store can be reached.", Shortly);
            return;
        }

        var report = new HealthReport(
            state.Status == ReadinessStatus.Ready ? "ready" : "degraded", IsAdministrator(context) ? state.Checks : null);
        await JsonAnswer.WriteAsync(context, report, LookupJson.Default.HealthReport);
    }

    private bool IsAdministrator(HttpContext context) =>
        _isOpen
        || (!listening.IsBehindFunctionsHost
            && KeyMiddleware.GivenBy(context.Request) is { } key
            && KeyMiddleware.IsAmong(_adminKeys, KeyMiddleware.Digest(key)));
}
