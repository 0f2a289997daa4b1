namespace Lookup.Functions.Settings;

/// <summary>The identity of this instance, for responses and telemetry that refer to it alone.</summary>
internal sealed class InstanceIdentity(TimeProvider time)
{
    private readonly long _startedAt = time.GetTimestamp();

    /// <summary>Gets the id, which is unique for each start of each instance.</summary>
    public string Id { get; } = $"{Environment.MachineName}-{Guid.NewGuid():N}"[..^20];

    /// <summary>Gets the time for which the instance has been running.</summary>
    public TimeSpan Uptime => time.GetElapsedTime(_startedAt);
}
