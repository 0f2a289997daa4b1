using Lookup.Emulator.Wire;

namespace Lookup.Emulator.Control;

/// <summary>
/// The route for the address that the account names: <c>PUT /_emulator/account {"endpoint":"http://127.0.0.1:9/"}</c>, as an emulator in a
/// container names its own address. Without the member, it is the address of the request again.
/// </summary>
internal sealed class AccountControl(AccountAddress address)
{
    public async Task SetAsync(Exchange exchange)
    {
        using var body = await ControlBody.ReadAsync(exchange, "endpoint");
        var endpoint = body.Text("endpoint");
        if (endpoint is not null && !(Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"))
            throw CosmosErrorException.BadRequest("The member 'endpoint' must be an http or https address, such as http://127.0.0.1:8081/.");
        address.Endpoint = endpoint;
        await ControlBody.RespondAsync(exchange, new { endpoint });
    }
}
