using Lookup.Functions.Http;

namespace Lookup.Functions.Operations;

/// <summary><c>GET /api/health/live</c> and <c>GET /api/health/ready</c>.</summary>
internal sealed class Health(Readiness readiness)
{
    /// <summary>The process lives: that it answers says so.</summary>
    public static Task LiveAsync(HttpContext context) =>
        JsonAnswer.WriteAsync(context, new HealthReport("live"), LookupJson.Default.HealthReport);

    /// <summary>The instance can answer lookups.</summary>
    public async Task ReadyAsync(HttpContext context)
    {
        if (await readiness.CheckAsync(context.RequestAborted))
        {
            await JsonAnswer.WriteAsync(context, new HealthReport("ready"), LookupJson.Default.HealthReport);
            return;
        }

        await ProblemWriter.WriteAsync(
            context, ProblemKind.NotReady, "Neither the change feed nor the user store can be reached.", TimeSpan.FromSeconds(1));
    }
}
