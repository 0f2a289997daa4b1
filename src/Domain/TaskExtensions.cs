namespace Lookup.Domain;

/// <summary>Keeps continuations where the awaiting code runs.</summary>
internal static class TaskExtensions
{
    /// <summary>Ends when the task ends, however that is, and never fails.</summary>
    /// <remarks>
    /// For tasks of a source that runs its continuations asynchronously. Handed to <c>WaitAsync</c> or <c>WhenAll</c> as they are, they
    /// go on by way of the thread pool, past the ambient <see cref="SynchronizationContext"/>; an await in between keeps to it.
    /// </remarks>
    public static async Task WhenEnded(this Task task) =>
        await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
}
