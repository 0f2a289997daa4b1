using Lookup.Domain.Users;

namespace Lookup.Functions.Probe;

/// <summary>The source of samples for the consistency probe: on demand, the user of the next lookup.</summary>
/// <remarks>The cost for a hit is one read of a field that is written only twice for each sample.</remarks>
internal sealed class LookupSampler
{
    private TaskCompletionSource<UserKey>? _waiting;

    /// <summary>Waits for the next lookup and returns its user. Supports one waiter at a time.</summary>
    public async Task<UserKey> NextAsync(CancellationToken cancellationToken)
    {
        var waiting = new TaskCompletionSource<UserKey>(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _waiting, waiting);
        return await waiting.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Records that a user is being looked up.</summary>
    public void Note(in UserKey key)
    {
        if (Volatile.Read(ref _waiting) is not null)
            Interlocked.Exchange(ref _waiting, null)?.TrySetResult(key);
    }
}
