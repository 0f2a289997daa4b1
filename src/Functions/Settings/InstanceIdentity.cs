namespace Lookup.Functions.Settings;

/// <summary>Names this instance in answers that are about it alone.</summary>
internal sealed class InstanceIdentity(TimeProvider time)
{
    private readonly long _startedAt = time.GetTimestamp();

    /// <summary>Differs from instance to instance, and from start to start.</summary>
    public string Id { get; } = $"{Environment.MachineName}-{Guid.NewGuid():N}"[..^20];

    /// <summary>For how long the instance has been running.</summary>
    public TimeSpan Uptime => time.GetElapsedTime(_startedAt);
}
