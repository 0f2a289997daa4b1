namespace Lookup.Emulator.Control;

/// <summary>Whether and when a fault cuts the connection.</summary>
internal enum FaultDrop
{
    None,

    /// <summary>Before anything is done.</summary>
    Before,

    /// <summary>After the work is done and half the answer's body is sent.</summary>
    During,
}
