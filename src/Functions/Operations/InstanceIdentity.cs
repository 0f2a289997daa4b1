namespace Lookup.Functions.Operations;

/// <summary>Names this instance in answers that are about it alone.</summary>
internal sealed class InstanceIdentity
{
    /// <summary>Differs from instance to instance, and from start to start.</summary>
    public string Id { get; } = $"{Environment.MachineName}-{Guid.NewGuid():N}"[..^20];
}
