using Lookup.Domain.Users;

namespace Lookup.Benchmarks.Cache.Contenders;

/// <summary>This project's cache: a look into memory alone, or a lookup that would read what memory does not hold.</summary>
internal sealed class LookupContender(LookupInstance instance, bool triesOnly) : Contender
{
    public static async Task<LookupContender> FilledAsync(int users, bool triesOnly) =>
        new(await LookupInstance.FilledAsync(users), triesOnly);

    public override long Ask(ReadOnlySpan<UserKey> keys) => triesOnly ? Try(keys) : Get(keys);

    private long Try(ReadOnlySpan<UserKey> keys)
    {
        var cache = instance.Cache;
        long bytes = 0;
        foreach (ref readonly var key in keys)
        {
            if (!cache.TryGet(key, default, out var answer))
                throw Missed(key);
            bytes += answer.Document!.Body.Length;
        }

        return bytes;
    }

    private long Get(ReadOnlySpan<UserKey> keys)
    {
        var cache = instance.Cache;
        long bytes = 0;
        foreach (var key in keys)
        {
            var answering = cache.GetAsync(key, default, CancellationToken.None);
            if (!answering.IsCompletedSuccessfully)
                throw Missed(key);
            bytes += answering.Result.Document!.Body.Length;
        }

        return bytes;
    }

    public override ValueTask DisposeAsync() => instance.DisposeAsync();
}
