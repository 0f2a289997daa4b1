using Lookup.Domain.Caching;
using Lookup.Domain.Feed;
using Lookup.Functions.Http;
using Lookup.Functions.Settings;
using Lookup.Functions.Users;

namespace Lookup.Functions.Eviction;

/// <summary><c>DELETE /api/cache/users/{id}</c>: evicts a user from this instance.</summary>
internal sealed class EvictUser(UserCache cache, UserKeyReader keys, InstanceIdentity instance)
{
    public Task RunAsync(HttpContext context)
    {
        if (!keys.TryRead(context, UserPath.CachedUsers, out var key, out var problem))
            return problem.WriteAsync(context);

        cache.Evict(new UserChange(key, 0, []), EvictionSource.Administrator);
        return JsonResponse.WriteAsync(context, new EvictionReport(instance.Id, "user"), EvictionJson.Default.EvictionReport);
    }
}
