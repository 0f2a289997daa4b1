namespace Lookup.Support;

public static class Cancel
{
    /// <summary>Gets the cancellation token of the running test.</summary>
    public static CancellationToken Token => TestContext.Current.CancellationToken;
}
