using Lookup.Functions.Hosting;
using Lookup.Support;

namespace Lookup.Functions.Tests;

public sealed class LayerTests
{
    [Fact]
    public void Folders_of_Functions_are_layers_without_cycles() =>
        Assert.Null(NamespaceLayers.FindCycle(typeof(LookupHost).Assembly.Location, "Lookup.Functions"));
}
