using Lookup.Domain.Users;

namespace Lookup.Benchmarks.Cache.Contenders;

/// <summary>The cache of this project, called by <c>TryGet</c>, or by <c>GetAsync</c>, which reads uncached users.</summary>
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
            if (!cache.TryGet(key, default, out var result))
                throw Missed(key);
            bytes += result.Document!.Body.Length;
        }

        return bytes;
    }

    private long Get(ReadOnlySpan<UserKey> keys)
    {
        var cache = instance.Cache;
        long bytes = 0;
        foreach (var key in keys)
        {
            var pending = cache.GetAsync(key, default, CancellationToken.None);
            if (!pending.IsCompletedSuccessfully)
                throw Missed(key);
            bytes += pending.Result.Document!.Body.Length;
        }

        return bytes;
    }

    public override ValueTask DisposeAsync() => instance.DisposeAsync();
}
