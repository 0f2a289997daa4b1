using Lookup.Domain.Users;

namespace Lookup.Functions.Probe;

/// <summary>Tells the consistency probe whom others look up, one at a time and only when it asks.</summary>
/// <remarks>A hit pays for one read of a field that nobody writes, save once for each sample.</remarks>
internal sealed class LookupSampler
{
    private TaskCompletionSource<UserKey>? _waiting;

    /// <summary>The next user who is looked up. While nobody looks users up there is none, and whoever waits stays asleep. For one caller.</summary>
    public async Task<UserKey> NextAsync(CancellationToken cancellationToken)
    {
        var waiting = new TaskCompletionSource<UserKey>(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _waiting, waiting);
        return await waiting.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Notes that a user is looked up.</summary>
    public void Note(in UserKey key)
    {
        if (Volatile.Read(ref _waiting) is not null)
            Interlocked.Exchange(ref _waiting, null)?.TrySetResult(key);
    }
}
