using System.Text.Json.Serialization;
using Lookup.Domain.Caching;
using Lookup.Domain.Feed;
using Lookup.Domain.Freshness;
using Lookup.Domain.SharedTier;
using Lookup.Domain.Stores;
using Lookup.Functions.Cosmos;
using Lookup.Functions.Cosmos.Containers;
using Lookup.Functions.Cosmos.Documents;
using Lookup.Functions.Cosmos.Feed;
using Lookup.Functions.Eviction;
using Lookup.Functions.Hosting.CustomHandler;
using Lookup.Functions.Hosting.IsolatedWorker;
using Lookup.Functions.Http;
using Lookup.Functions.OpenApi;
using Lookup.Functions.Operations.Dashboard;
using Lookup.Functions.Operations.Health;
using Lookup.Functions.Operations.Statistics;
using Lookup.Functions.Probe;
using Lookup.Functions.Resilience;
using Lookup.Functions.Settings;
using Lookup.Functions.Telemetry;
using Lookup.Functions.Users;

namespace Lookup.Functions.Hosting;

/// <summary>The composition root of the service.</summary>
public static class LookupHost
{
    /// <summary>Builds the complete service, ready to be started. A process can run several of them.</summary>
    /// <param name="args">The settings of the command line, such as <c>--urls http://127.0.0.1:7071</c>.</param>
    /// <param name="settings">
    /// Additional settings, which take precedence over all others. Names are spelled as in the environment (<c>Lookup__MaxStaleness</c>) or
    /// with colons.
    /// </param>
    /// <exception cref="LookupSettingsException">A setting is missing or not valid.</exception>
    public static WebApplication Create(string[] args, IEnumerable<KeyValuePair<string, string?>>? settings = null) =>
        Create(args, settings, null);

    /// <summary>Builds the complete service, with changes for tests.</summary>
    /// <param name="args">The settings of the command line.</param>
    /// <param name="settings">Additional settings.</param>
    /// <param name="configure">A callback that changes the registered services.</param>
    internal static WebApplication Create(
        string[] args,
        IEnumerable<KeyValuePair<string, string?>>? settings,
        Action<IServiceCollection>? configure)
    {
        // Settings are not read again at run time, so configuration files are not watched.
        var builder = WebApplication.CreateSlimBuilder(
            ["--hostBuilder:reloadConfigOnChange=false", .. IsolatedWorkerMode.EnvironmentArguments(), .. args]);
        if (settings is not null)
        {
            builder.Configuration.AddInMemoryCollection(
                settings.Select(setting => KeyValuePair.Create(setting.Key.Replace("__", ":", StringComparison.Ordinal), setting.Value)));
        }

        var lookup = SettingsReader.Read(builder.Configuration);
        var mode = ConfigureServer(builder, lookup);
        if (!lookup.Http.HasNoKeys || mode.IsBehindFunctionsHost)
            SettingsReader.CheckForSharedCaches(lookup.Http.CacheControl);
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.Services.PostConfigure<LoggerFilterOptions>(RequestLogging.Silence);

        // Logging every rejected connection would turn a flood of connections into a flood of log entries.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel.Connections", LogLevel.Error);
        AddServices(builder.Services, lookup, mode);
        SharedTierServices.Add(builder.Services, lookup);
        AddFunctions(builder.Services, lookup);
        var telemetry = TelemetrySettings.Read(builder.Configuration);
        TelemetryExport.Add(builder.Services, telemetry, mode.IsBehindFunctionsHost);
        if (mode == HostingMode.CustomHandler)
            CustomHandlerMode.Configure(builder);
        else if (mode == HostingMode.IsolatedWorker)
            IsolatedWorkerMode.Configure(builder);
        configure?.Invoke(builder.Services);

        var app = builder.Build();
        SettingsLog.Write(app.Logger, lookup, mode);
        if (mode == HostingMode.CustomHandler)
            CustomHandlerMode.Use(app);
        else if (mode == HostingMode.IsolatedWorker)
            IsolatedWorkerMode.Use(app);
        if (telemetry.HasTraces)
            app.UseMiddleware<ServerSpan>(new HeadSampling(telemetry));
        app.UseMiddleware<ProblemMiddleware>();
        app.UseMiddleware<TransferCodingMiddleware>();
        app.UseMiddleware<FullServerMiddleware>();
        if (!mode.IsBehindFunctionsHost && lookup.Http.HasNoKeys)
            app.UseMiddleware<LoopbackHostMiddleware>();
        app.UseMiddleware<RequestTargetMiddleware>();
        app.UseRouting();
        app.UseMiddleware<KeyMiddleware>();
        app.UseMiddleware<NarrowingParametersMiddleware>();
        app.MapLookup();
        if (mode == HostingMode.CustomHandler)
            CustomHandlerMode.Map(app);
        return app;
    }

    /// <summary>Chooses the server by what has started the process, and returns the way in which it is called.</summary>
    private static HostingMode ConfigureServer(WebApplicationBuilder builder, LookupSettings lookup)
    {
        if (IsolatedWorkerMode.IsChosenBy(builder.Configuration))
        {
            builder.Services.AddSingleton(new ConnectionGuard(int.MaxValue, int.MaxValue, TimeProvider.System));
            return HostingMode.IsolatedWorker;
        }

        var listening = ListenAddresses.Read(builder.Configuration);
        if (lookup.Http.HasNoKeys)
            listening.CheckWithoutKeys();

        var isBehindFunctionsHost = listening.Mode.IsBehindFunctionsHost;
        builder.WebHost.UseUrls(listening.Urls);
        var guard = new ConnectionGuard(
            lookup.Connections.Max, isBehindFunctionsHost ? int.MaxValue : lookup.Connections.MaxPerAddress, TimeProvider.System);
        builder.Services.AddSingleton(guard);
        builder.WebHost.ConfigureKestrel(options => RequestLimits.Apply(options, guard, lookup.Connections.Max, isBehindFunctionsHost));
        builder.WebHost.UseSockets(RequestLimits.Apply);
        BoundedListenerFactory.AddTo(builder.Services, lookup.Connections.Max + ConnectionGuard.Reserve);
        return listening.Mode;
    }

    private static void AddServices(IServiceCollection services, LookupSettings lookup, HostingMode mode)
    {
        services.AddSingleton(mode);
        services.AddSingleton(lookup);
        services.AddSingleton(lookup.Shape);
        services.AddSingleton(lookup.Cache);
        services.AddSingleton(lookup.Follower);
        services.AddSingleton(lookup.Http);
        services.AddSingleton(lookup.Probe);
        services.AddSingleton(TimeProvider.System);
        TelemetryServices.Add(services);
        services.AddSingleton(provider => new CosmosConnection(
            lookup.Cosmos, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<CosmosConnection>>()));
        services.AddHostedService<ContainerService>();
        services.AddSingleton(provider =>
        {
            var logger = provider.GetRequiredService<ILogger<CosmosUserStore>>();
            return new CosmosUserStore(
                provider.GetRequiredService<CosmosConnection>(), lookup.Shape, path => SettingsLog.HiddenFieldNotFound(logger, path, UserDocumentReader.Sample));
        });
        services.AddSingleton(provider => new MeasuredUserStore(
            provider.GetRequiredService<CosmosUserStore>(),
            provider.GetRequiredService<StoreCounters>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(lookup.Guard);
        services.AddSingleton<StoreGuard>();
        services.AddSingleton<IUserStore>(provider =>
            new GuardedUserStore(provider.GetRequiredService<MeasuredUserStore>(), provider.GetRequiredService<StoreGuard>()));
        services.AddSingleton<IChangeFeed>(provider =>
            new CosmosChangeFeed(
                provider.GetRequiredService<CosmosConnection>(), lookup.Shape, lookup.Cosmos.FeedMode, provider.GetService<IFeedSnapshots>() is not null));

        services.AddSingleton(provider => new FreshnessTracker(provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new UserCache(
            provider.GetRequiredService<IUserStore>(),
            provider.GetRequiredService<FreshnessTracker>(),
            lookup.Cache,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetService<SharedTierOptions>())
        {
            ResultTooLarge = provider.GetRequiredService<CacheLog>().ResultTooLarge,
        });
        services.AddSingleton<CacheLog>();
        services.AddSingleton<FollowerLog>();
        services.AddSingleton<IFollowerObserver>(provider => provider.GetRequiredService<FollowerLog>());
        services.AddSingleton(provider => new ChangeFeedFollower(
            provider.GetRequiredService<IChangeFeed>(),
            provider.GetRequiredService<UserCache>(),
            provider.GetRequiredService<FreshnessTracker>(),
            lookup.Follower,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<IFollowerObserver>(),
            provider.GetService<IFeedSnapshots>()));
        services.AddHostedService<FollowerService>();
        services.AddSingleton<LookupSampler>();
        if (lookup.Probe.IsEnabled)
            services.AddSingleton<ConsistencyProbe>().AddHostedService<ProbeService>();
    }

    private static void AddFunctions(IServiceCollection services, LookupSettings lookup)
    {
        services.AddSingleton(new CacheDirectives(lookup.Cache.MaxStaleness, areReadsPaidFor: lookup.Http.KeyRequestUnitsPerSecond > 0));
        services.AddSingleton<LookupResponseHeaders>();
        services.AddSingleton<UserKeyReader>();
        services.AddSingleton<ResponseMemory>();
        services.AddSingleton<UserResponseWriter>();
        services.AddSingleton<GetUser>();
        services.AddSingleton<FindUsers>();
        services.AddSingleton<LookupUsers>();

        services.AddSingleton<InstanceIdentity>();
        services.AddSingleton<EvictUser>();
        services.AddSingleton<ClearCache>();
        services.AddSingleton<GetStatistics>();
        services.AddSingleton<DashboardPage>();
        services.AddSingleton<GetDashboard>();
        services.AddSingleton<Readiness>();
        services.AddSingleton<HealthEndpoint>();

        // The service writes numbers as JSON numbers, so the OpenAPI document must not allow strings for them.
        services.ConfigureHttpJsonOptions(options => options.SerializerOptions.NumberHandling = JsonNumberHandling.Strict);
        services.AddOpenApi(options => options.AddDocumentTransformer<ApiDocument>());
    }
}
