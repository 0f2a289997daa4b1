namespace Lookup.Functions.Probe;

/// <summary>The settings of the consistency probe.</summary>
/// <param name="RequestUnitsPerSecond">The request units per second that the probe may spend on its reads; 0, the default, disables it.</param>
internal sealed record ProbeOptions(double RequestUnitsPerSecond)
{
    /// <summary>Gets a value that indicates whether the probe is enabled.</summary>
    public bool IsEnabled => RequestUnitsPerSecond > 0;
}
