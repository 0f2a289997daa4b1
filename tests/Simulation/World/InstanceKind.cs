namespace Lookup.Simulation.World;

/// <summary>Specifies which users an instance of a shared tier serves. Instances of different kinds must not share entries.</summary>
internal enum InstanceKind : byte
{
    /// <summary>The users of the container, with the fields that most instances show.</summary>
    Own,

    /// <summary>The users of the same container with other fields (document shape).</summary>
    OtherShape,

    /// <summary>The users of another container, which has the same ids, partitions and LSNs.</summary>
    OtherLog,
}
