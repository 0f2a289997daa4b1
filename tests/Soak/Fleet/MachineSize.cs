using System.Globalization;

namespace Lookup.Soak.Fleet;

/// <summary>The limits of a process that stand for a machine of a given size.</summary>
/// <param name="Handles">The maximum number of open handles.</param>
/// <param name="Cores">The number of processor cores.</param>
/// <param name="HeapMegabytes">The maximum size of the managed heap, in MiB.</param>
internal sealed record MachineSize(int Handles, int Cores, int HeapMegabytes)
{
    /// <summary>Gets the smallest machine for which the service is made.</summary>
    public static MachineSize Smallest { get; } = new(1024, 1, 200);

    /// <summary>Gets the variables that limit the heap.</summary>
    public IEnumerable<(string Name, string? Value)> Environment =>
        [("DOTNET_GCHeapHardLimit", string.Create(CultureInfo.InvariantCulture, $"0x{(long)HeapMegabytes << 20:X}"))];

    /// <summary>Returns a command that runs a program with the limits of handles and cores.</summary>
    public string[] Limit(string[] command) =>
        ["bash", "-c", string.Create(CultureInfo.InvariantCulture, $"ulimit -n {Handles}; exec taskset -c 0-{Cores - 1} \"$0\" \"$@\""), .. command];

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Handles} handles, {Cores} core{(Cores == 1 ? "" : "s")}, a heap of {HeapMegabytes} MiB");
}
