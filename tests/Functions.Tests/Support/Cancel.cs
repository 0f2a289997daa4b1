namespace Lookup.Functions.Tests.Support;

internal static class Cancel
{
    /// <summary>The running test's token.</summary>
    public static CancellationToken Token => TestContext.Current.CancellationToken;
}
