using Lookup.Domain.Users;

namespace Lookup.Benchmarks.Contenders;

/// <summary>This project's cache.</summary>
internal sealed class LookupContender(LookupInstance instance) : Contender
{
    public static async Task<LookupContender> FilledAsync(int users) => new(await LookupInstance.FilledAsync(users));

    public override long Ask(ReadOnlySpan<UserKey> keys)
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
