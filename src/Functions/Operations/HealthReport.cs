namespace Lookup.Functions.Operations;

/// <summary>The answer of a health check that went well.</summary>
internal sealed record HealthReport(string Status);
