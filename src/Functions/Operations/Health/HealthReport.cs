namespace Lookup.Functions.Operations.Health;

/// <summary>The body of a successful health response.</summary>
/// <param name="Status"><c>live</c>; <c>ready</c>; or <c>degraded</c>: lookups are served, but with limitations.</param>
/// <param name="Checks">The individual checks, for administrators only.</param>
internal sealed record HealthReport(string Status, IReadOnlyList<HealthCheckReport>? Checks = null);

/// <summary>The result of one readiness check.</summary>
/// <param name="Name"><c>feed</c> or <c>store</c>.</param>
/// <param name="Status"><c>ok</c> or <c>failing</c>.</param>
/// <param name="Detail">A description of the result.</param>
internal sealed record HealthCheckReport(string Name, string Status, string Detail);
