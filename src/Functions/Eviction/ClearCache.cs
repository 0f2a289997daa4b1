using Lookup.Domain.Caching;
using Lookup.Functions.Http;
using Lookup.Functions.Settings;

namespace Lookup.Functions.Eviction;

/// <summary><c>DELETE /api/cache</c>: clears the cache of this instance.</summary>
internal sealed class ClearCache(UserCache cache, InstanceIdentity instance)
{
    public Task RunAsync(HttpContext context)
    {
        cache.Clear();
        return JsonResponse.WriteAsync(context, new EvictionReport(instance.Id, "everything"), EvictionJson.Default.EvictionReport);
    }
}
