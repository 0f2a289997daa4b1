namespace Lookup.Emulator.Operations;

/// <summary>One answer's worth of changes.</summary>
/// <param name="Body">Null when there is nothing new.</param>
/// <param name="ContinueAfter">The LSN to continue after.</param>
internal readonly record struct ChangeFeedPage(FeedBody? Body, long ContinueAfter)
{
    public int Count => Body?.Count ?? 0;
}
