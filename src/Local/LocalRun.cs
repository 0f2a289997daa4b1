using Lookup.Functions.Settings;
using Lookup.Local.Load;
using Lookup.Local.Seeding;

namespace Lookup.Local;

/// <summary>One run: the endpoint, the users in it, the service over it, until someone ends it.</summary>
internal sealed class LocalRun(LocalOptions options, TextWriter output, TextWriter error, bool drawsProgress, TimeProvider time)
{
    /// <returns>The exit code: 0 where the run was ended from outside, 1 where it could not start.</returns>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        try
        {
            await ServeAsync(cancellation);
            return 0;
        }
        catch (Exception) when (cancellation.IsCancellationRequested)
        {
            // Whatever broke broke because it was interrupted, as was asked.
            return 0;
        }
        catch (Exception problem) when (problem is LocalRunException or LookupSettingsException)
        {
            await error.WriteLineAsync(problem.Message.AsMemory(), CancellationToken.None);
            return 1;
        }
    }

    private async Task ServeAsync(CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        var guide = new StartupBanner(options, output);
        Ports.EnsureFree(options);

        await using var store = await LocalStore.StartAsync(options.CosmosPort, options.Ranges, cancellation);
        guide.WriteStore(store.Endpoint);

        await using var instances = new Instances(store, options.InstancePorts, time);
        var seedingBegan = time.GetTimestamp();
        await SeedProgress.ShowAsync(
            drawsProgress ? null : output,
            options.Users,
            onWritten => store.SeedAsync(options.Users, onWritten, cancellation));
        guide.WriteSeeded(time.GetElapsedTime(seedingBegan));

        await instances.StartAsync(cancellation);
        guide.WriteInstances();
        guide.WriteReady(time.GetElapsedTime(began), store.Endpoint);

        if (options.Load)
            await new LoadGenerator([.. options.InstancePorts.Select(port => new Uri(Instances.AddressOf(port)))], options.Users, time).RunAsync(cancellation);
        await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellation);
    }
}

/// <summary>Something the person at the keyboard can put right: its message is all that is shown.</summary>
internal sealed class LocalRunException(string message, Exception? innerException = null) : Exception(message, innerException);
