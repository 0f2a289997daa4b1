using Lookup.Emulator.Storage;
using Lookup.Emulator.Wire;

namespace Lookup.Emulator.Control;

/// <summary>
/// The route for merges of two adjacent physical ranges: <c>POST /_emulator/merges {"database":"lookup","container":"users","ranges":["0","1"]}</c>.
/// </summary>
internal sealed class MergeControl(Account account)
{
    public async Task MergeAsync(Exchange exchange)
    {
        using var body = await ControlBody.ReadAsync(exchange, "database", "container", "ranges");
        var container = account.Find(body.RequiredText("database")).Find(body.RequiredText("container"));
        if (body.Texts("ranges") is not [var one, var other])
            throw CosmosErrorException.BadRequest("The member 'ranges' must be the ids of two adjacent ranges, such as [\"0\",\"1\"].");
        var merged = container.Merge(one, other, account.NoteMerge);
        await ControlBody.RespondAsync(exchange, new
        {
            child = merged.Id,
            ranges = container.Ranges.Current.Ranges.Select(range => range.Id),
        });
    }
}
