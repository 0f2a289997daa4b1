namespace Lookup.Benchmarks.Races;

/// <summary>One user whose version only grows, and a gate at which one answer can be held: taken, but not yet given.</summary>
internal sealed class VersionedSource
{
    private readonly TaskCompletionSource _taken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _reads;

    public int Version { get; private set; } = 1;

    /// <summary>Ends when the first read has taken its answer.</summary>
    public Task FirstTaken => _taken.Task;

    public void Change() => Version++;

    /// <summary>Lets the first read give its answer.</summary>
    public void ReleaseFirst() => _released.SetResult();

    public async Task<int> ReadAsync()
    {
        var answer = Version;
        if (Interlocked.Increment(ref _reads) == 1)
        {
            _taken.SetResult();
            await _released.Task;
        }

        return answer;
    }
}
