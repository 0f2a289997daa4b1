using Lookup.Support;

namespace Lookup.Functions.Tests.SharedTier;

/// <summary>A server that the tests of a class share. It is started by the first, so that each of them can be skipped where it is not installed.</summary>
public abstract class ServerFixture(Func<CacheServer> create) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);
    private CacheServer? _server;

    /// <summary>Returns the port of the server.</summary>
    public async Task<int> PortAsync()
    {
        await _turn.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            if (_server is null)
            {
                var server = create();
                await server.StartAsync();
                _server = server;
            }

            return _server.Port;
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose()
    {
        _server?.Dispose();
        _turn.Dispose();
        GC.SuppressFinalize(this);
    }
}

public sealed class RedisFixture() : ServerFixture(() => CacheServer.Redis());

public sealed class MemcachedFixture() : ServerFixture(() => CacheServer.Memcached());
