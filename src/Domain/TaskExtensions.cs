namespace Lookup.Domain;

/// <summary>Extensions that keep continuations in the context of the awaiting code.</summary>
internal static class TaskExtensions
{
    /// <summary>Returns a task that completes successfully when the given task ends, whatever its outcome.</summary>
    /// <remarks>
    /// For tasks whose source runs continuations asynchronously. If such a task is passed to <c>WaitAsync</c> or <c>WhenAll</c> directly,
    /// the continuation runs on the thread pool and bypasses the ambient <see cref="SynchronizationContext"/>. An await in between keeps
    /// it in the context.
    /// </remarks>
    public static async Task WhenEnded(this Task task) =>
        await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
}
