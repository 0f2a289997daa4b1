using Lookup.Emulator.Wire;

namespace Lookup.Emulator.Control;

/// <summary>
/// The route for the properties of the account: <c>PUT /_emulator/account {"endpoint":"http://127.0.0.1:9/","multipleWriteLocations":true}</c>. An
/// emulator in a container names its own address. Without a member, it is the address of the request again, and one region accepts writes.
/// </summary>
internal sealed class AccountControl(AccountAddress address)
{
    public async Task SetAsync(Exchange exchange)
    {
        using var body = await ControlBody.ReadAsync(exchange, "endpoint", "multipleWriteLocations");
        var endpoint = body.Text("endpoint");
        if (endpoint is not null && !(Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"))
            throw CosmosErrorException.BadRequest("The member 'endpoint' must be an http or https address, such as http://127.0.0.1:8081/.");
        var multipleWriteLocations = body.Flag("multipleWriteLocations") ?? false;
        (address.Endpoint, address.HasMultipleWriteLocations) = (endpoint, multipleWriteLocations);
        await ControlBody.RespondAsync(exchange, new { endpoint, multipleWriteLocations });
    }
}
