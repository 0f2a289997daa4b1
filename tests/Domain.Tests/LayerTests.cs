using Lookup.Domain.Caching;
using Lookup.Support;

namespace Lookup.Domain.Tests;

public sealed class LayerTests
{
    [Fact]
    public void Folders_of_Domain_are_layers_without_cycles() =>
        Assert.Null(NamespaceLayers.FindCycle(typeof(UserCache).Assembly.Location, "Lookup.Domain"));
}
