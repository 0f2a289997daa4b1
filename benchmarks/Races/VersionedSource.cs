namespace Lookup.Benchmarks.Races;

/// <summary>One user whose version only increases, and a gate that holds the first read before it returns the version it read.</summary>
internal sealed class VersionedSource
{
    private readonly TaskCompletionSource _taken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _reads;

    public int Version { get; private set; } = 1;

    /// <summary>Gets a task that completes when the first read has read its version.</summary>
    public Task FirstTaken => _taken.Task;

    public void Change() => Version++;

    /// <summary>Lets the first read return its version.</summary>
    public void ReleaseFirst() => _released.SetResult();

    public async Task<int> ReadAsync()
    {
        var version = Version;
        if (Interlocked.Increment(ref _reads) == 1)
        {
            _taken.SetResult();
            await _released.Task;
        }

        return version;
    }
}
