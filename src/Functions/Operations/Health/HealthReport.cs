namespace Lookup.Functions.Operations.Health;

/// <summary>The answer of a health check that went well.</summary>
/// <param name="Status"><c>live</c>; <c>ready</c>; or <c>degraded</c>: lookups are answered, but not as well as they should be.</param>
/// <param name="Checks">What it rests on, for administrators only.</param>
internal sealed record HealthReport(string Status, IReadOnlyList<HealthCheckReport>? Checks = null);

/// <summary>One of the things that readiness rests on.</summary>
/// <param name="Name"><c>feed</c> or <c>store</c>.</param>
/// <param name="Status"><c>ok</c> or <c>failing</c>.</param>
/// <param name="Detail">What is known, in a sentence.</param>
internal sealed record HealthCheckReport(string Name, string Status, string Detail);
