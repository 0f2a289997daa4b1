using Lookup.Emulator.Storage;
using Lookup.Emulator.Wire;

namespace Lookup.Emulator.Control;

/// <summary>
/// The route for splits of a physical range: <c>POST /_emulator/splits {"database":"lookup","container":"users","range":"0"}</c>.
/// </summary>
internal sealed class SplitControl(Account account)
{
    public async Task SplitAsync(Exchange exchange)
    {
        using var body = await ControlBody.ReadAsync(exchange, "database", "container", "range");
        var container = account.Find(body.RequiredText("database")).Find(body.RequiredText("container"));
        var (lower, upper) = container.Split(body.RequiredText("range"));
        await ControlBody.RespondAsync(exchange, new
        {
            children = new[] { lower.Id, upper.Id },
            ranges = container.Ranges.Current.Ranges.Select(range => range.Id),
        });
    }
}
