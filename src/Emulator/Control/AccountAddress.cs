namespace Lookup.Emulator.Control;

/// <summary>The address that the account names in its properties.</summary>
internal sealed class AccountAddress
{
    private volatile string? _endpoint;

    /// <summary>Gets or sets the address, or <see langword="null"/> for the address at which the client has sent the request.</summary>
    public string? Endpoint
    {
        get => _endpoint;
        set => _endpoint = value;
    }
}
