namespace Lookup.Functions.Probe;

/// <summary>The settings of the consistency probe.</summary>
/// <param name="RequestUnitsPerSecond">The request units per second that it may spend on its own reads; 0, the default, for no probe.</param>
internal sealed record ProbeOptions(double RequestUnitsPerSecond)
{
    /// <summary>Gets a value that indicates whether there is a probe.</summary>
    public bool IsEnabled => RequestUnitsPerSecond > 0;
}
