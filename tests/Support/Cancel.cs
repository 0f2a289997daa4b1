namespace Lookup.Support;

public static class Cancel
{
    /// <summary>The running test's token.</summary>
    public static CancellationToken Token => TestContext.Current.CancellationToken;
}
