namespace Lookup.Emulator.Control;

/// <summary>Specifies whether and when a fault closes the connection.</summary>
internal enum FaultDrop
{
    None,

    /// <summary>Before the request is processed.</summary>
    Before,

    /// <summary>After the request is processed and half of the response body is sent.</summary>
    During,
}
