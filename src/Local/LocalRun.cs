using Lookup.Functions.Settings;
using Lookup.Local.Load;
using Lookup.Local.Seeding;

namespace Lookup.Local;

/// <summary>A local run: the endpoint, the sample users in it, and the service over it.</summary>
internal sealed class LocalRun(LocalOptions options, TextWriter output, TextWriter error, bool drawsProgress, TimeProvider time)
{
    /// <summary>Runs until cancellation is requested.</summary>
    /// <returns>The exit code: 0 if the run was canceled, or 1 if it could not start.</returns>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        try
        {
            await ServeAsync(cancellation);
            return 0;
        }
        catch (Exception) when (cancellation.IsCancellationRequested)
        {
            // The exception is a consequence of the cancellation.
            return 0;
        }
        catch (Exception exception) when (exception is LocalRunException or LookupSettingsException)
        {
            await error.WriteLineAsync(exception.Message.AsMemory(), CancellationToken.None);
            return 1;
        }
    }

    private async Task ServeAsync(CancellationToken cancellation)
    {
        var startedAt = time.GetTimestamp();
        var banner = new StartupBanner(options, output);
        Ports.EnsureFree(options);
        var redis = options.Shared ? RedisServer.Find(Environment.GetEnvironmentVariable("PATH")) : null;

        await using var store = await LocalStore.StartAsync(options.CosmosPort, options.Ranges, cancellation);
        banner.WriteStore(store.Endpoint);

        await using var tier = redis is null ? null : await RedisServer.StartAsync(redis, time, cancellation);
        if (tier is not null)
            banner.WriteTier(tier.Port);

        await using var instances = new Instances(store, options.InstancePorts, tier?.Port, time);
        var seedingStartedAt = time.GetTimestamp();
        await SeedProgress.ShowAsync(
            drawsProgress ? null : output,
            options.Users,
            onWritten => store.SeedAsync(options.Users, onWritten, cancellation));
        banner.WriteSeeded(time.GetElapsedTime(seedingStartedAt));

        await instances.StartAsync(cancellation);
        banner.WriteInstances();
        banner.WriteReady(time.GetElapsedTime(startedAt), store.Endpoint);

        if (options.Load)
            await new LoadGenerator([.. options.InstancePorts.Select(port => new Uri(Instances.AddressOf(port)))], options.Users, time).RunAsync(cancellation);
        await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellation);
    }
}

/// <summary>The exception for an error that the user can fix. Only its message is printed.</summary>
internal sealed class LocalRunException(string message, Exception? innerException = null) : Exception(message, innerException);
