namespace Lookup.Emulator.Control;

/// <summary>The properties of the account that can be changed.</summary>
internal sealed class AccountAddress
{
    private volatile string? _endpoint;
    private volatile bool _hasMultipleWriteLocations;

    /// <summary>Gets or sets the address, or <see langword="null"/> for the address at which the client has sent the request.</summary>
    public string? Endpoint
    {
        get => _endpoint;
        set => _endpoint = value;
    }

    /// <summary>Gets or sets a value that indicates whether the account says that several regions accept writes. It has one region in any case.</summary>
    public bool HasMultipleWriteLocations
    {
        get => _hasMultipleWriteLocations;
        set => _hasMultipleWriteLocations = value;
    }
}
