using System.Text.Json;
using System.Text.RegularExpressions;
using Lookup.Functions.Eviction;
using Lookup.Functions.Hosting;
using Lookup.Functions.Hosting.IsolatedWorker;
using Lookup.Functions.Http;
using Lookup.Host.Tests.Driver;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Lookup.Host.Tests;

/// <summary>Tests that the published folder describes the functions that the process serves.</summary>
public sealed class PublishedFolderTests(PublishedApp app)
{
    /// <summary>Routes for the host itself and for use without a host. No function leads to them.</summary>
    private static readonly string[] NoFunctions = ["/", .. HttpFunctions.Names.Select(name => $"/{name}")];

    /// <summary>The function routes that map to several routes of the process.</summary>
    private static readonly Dictionary<string, string[]> Several = new()
    {
        ["/api/docs/{}"] = ["/api/docs", "/api/docs/docs.js", "/api/docs/favicon.svg", "/api/docs/scalar.aspnetcore.js", "/api/docs/scalar.js"],
        ["/api/health/{}"] = ["/api/health/live", "/api/health/ready"],
    };

    [Fact]
    public void Folder_published_has_the_eleven_functions() => Assert.Equal(
        ["ClearCache", "Dashboard", "Docs", "EvictStaleUsers", "EvictUser", "FindUsers", "GetUser", "Health", "LookupUsers", "OpenApi", "Statistics"],
        app.Functions.Select(function => function.Name).Order(StringComparer.Ordinal));

    [Fact]
    public async Task Functions_of_both_models_are_those_that_the_process_serves()
    {
        // The tests publish without the trigger's package, so the isolated worker must not have the trigger.
        Assert.Equal(Lines(app.Functions.Where(function => function.IsHttp)), Lines(app.WorkerFunctions));

        await using var service = LookupHost.Create([], new Dictionary<string, string?>
        {
            ["FUNCTIONS_CUSTOMHANDLER_PORT"] = "7071",
            ["CosmosConnection"] = "AccountEndpoint=http://127.0.0.1:8081/;AccountKey=AAAA;",
        });
        var served = ((IEndpointRouteBuilder)service).DataSources.SelectMany(source => source.Endpoints).Cast<RouteEndpoint>().SelectMany(endpoint =>
            endpoint.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods.Select(method =>
                $"{method} {Plain(endpoint.RoutePattern.RawText!)} {LevelOf(endpoint.Metadata.GetRequiredMetadata<AccessLevel>().Level)}"));

        var described = app.Functions.SelectMany(function => function.IsHttp
            ? function.Methods.SelectMany(method => RoutesOf(Plain($"/api/{function.Route}")).Select(route => $"{method} {route} {function.AuthLevel}"))
            : [$"POST /{function.Name} anonymous"]);

        Assert.Equal(
            described.Order(StringComparer.Ordinal),
            served.Where(route => !NoFunctions.Contains(route.Split(' ')[1])).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Functions_with_http_are_those_that_reject_a_host_without_proxying() =>
        Assert.Equal(app.Functions.Where(function => function.IsHttp).Select(function => function.Name).Order(StringComparer.Ordinal), HttpFunctions.Names);

    [Fact]
    public void Functions_with_http_have_exactly_the_two_bindings_that_are_proxied() =>
        Assert.All(app.Functions.Where(function => function.IsHttp), function => Assert.Equal(
            ["httpTrigger in req", "http out res"],
            function.Json.GetProperty("bindings").EnumerateArray().Select(binding =>
                $"{binding.GetProperty("type")} {binding.GetProperty("direction")} {binding.GetProperty("name")}")));

    [Fact]
    public void Trigger_is_retried_indefinitely_and_takes_its_container_from_the_settings()
    {
        var function = app.Functions.Single(function => !function.IsHttp);
        Assert.Equal("cosmosDBTrigger", function.Type);
        Assert.Equal(TriggerPayload.Binding, function.Trigger.GetProperty("name").GetString());
        Assert.Equal("CosmosConnection", function.Trigger.GetProperty("connection").GetString());
        Assert.Equal("%Lookup:Database%", function.Trigger.GetProperty("databaseName").GetString());
        Assert.Equal("%Lookup:Container%", function.Trigger.GetProperty("containerName").GetString());
        Assert.True(function.Trigger.GetProperty("createLeaseContainerIfNotExists").GetBoolean());

        // With any value other than -1, a batch is abandoned after the last retry, and the lease continues without it.
        var retry = function.Json.GetProperty("retry");
        Assert.Equal("exponentialBackoff", retry.GetProperty("strategy").GetString());
        Assert.Equal(-1, retry.GetProperty("maxRetryCount").GetInt32());
    }

    // The host exposes the environment variable Lookup__Database as Lookup:Database. A lookup by the name of the variable fails.
    [Fact]
    public void Binding_expressions_name_settings_as_the_host_knows_them()
    {
        var descriptions = app.Functions.Select(function => (Where: $"{function.Name}/function.json", Text: function.Json.GetRawText()));
        var expressions = descriptions.SelectMany(source => BindingExpressions.NamesIn(source.Text), (source, name) => (source.Where, name)).ToList();

        Assert.Contains(("EvictStaleUsers/function.json", "Lookup:Database"), expressions);
        Assert.Contains(("EvictStaleUsers/function.json", "Lookup:Container"), expressions);
        Assert.DoesNotContain(expressions, expression => expression.name.Contains("__", StringComparison.Ordinal));
    }

    // A host that finds the section customHandler starts a custom handler, whatever FUNCTIONS_WORKER_RUNTIME is.
    [Fact]
    public void Host_json_published_leaves_the_choice_of_the_model_to_the_settings()
    {
        var host = JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(Path.Combine(app.Root, "host.json")));
        Assert.False(host.TryGetProperty("customHandler", out _));
        Assert.Equal("api", host.GetProperty("extensions").GetProperty("http").GetProperty("routePrefix").GetString());
        Assert.False(host.TryGetProperty("extensionBundle", out _)); // the host would look for it on the network, and would not start an isolated worker without it
        Assert.False(File.Exists(Path.Combine(app.Root, "local.settings.json")), "The settings of a developer machine were published.");
    }

    [Fact]
    public void Settings_of_the_custom_handler_start_what_was_published()
    {
        var handler = CustomHandlerSettings.Read(app);

        // A host that forwards decodes the path and sends the remainder: users/u42%23zzz returns u42.
        Assert.Equal("true", handler["enableProxyingHttpRequest"]);
        Assert.Null(handler["enableForwardingHttpRequest"]);
        Assert.Equal("custom", CustomHandlerSettings.AppSettings(app)["FUNCTIONS_WORKER_RUNTIME"]);
        Assert.Equal("Microsoft.Azure.Functions.ExtensionBundle", CustomHandlerSettings.AppSettings(app)["AzureFunctionsJobHost__extensionBundle__id"]);

        var started = handler["description:defaultExecutablePath"]!;
        Assert.True(File.Exists(Path.Combine(app.Root, started)), $"{started} was not published.");
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(Path.Combine(app.Root, started)).HasFlag(UnixFileMode.UserExecute), $"{started} cannot be run.");
    }

    // Core Tools set this variable, and so may an app setting.
    [Theory]
    [InlineData("Development")]
    [InlineData("Production")]
    public async Task Isolated_worker_starts_in_the_environment_that_the_host_specifies(string name)
    {
        var (_, _, error) = await ChildProcess.RunAsync(
            "dotnet",
            [Path.Combine(app.Root, "Lookup.Functions.dll"), "--functions-uri", $"http://127.0.0.1:{FreePort.Next()}/", "--functions-worker-id", "a", "--functions-request-id", "b", "--functions-grpc-max-message-length", "1000000"],
            [("AZURE_FUNCTIONS_ENVIRONMENT", name), ("CosmosConnection", $"AccountEndpoint=http://127.0.0.1:{FreePort.Next()}/;AccountKey=AAAA;")],
            Cancel.Token);
        Assert.Contains("Unavailable", error, StringComparison.Ordinal); // it has started, and there is no host
    }

    // Categories of the host: Function.<name> for a run, Function.<name>.User for the log lines of its response, Host.Results for the
    // request telemetry of every run, Host.Triggers.<trigger> for the listener, and Host.Function.Console for what the app prints.
    [Theory]
    [InlineData("Function.EvictStaleUsers", true)]
    [InlineData("Function.EvictStaleUsers.User", true)]
    [InlineData("Host.Triggers.CosmosDB", true)]
    [InlineData("Host.Function.Console", true)]
    [InlineData("Function.GetUser", false)]
    [InlineData("Function.GetUser.User", false)]
    [InlineData("Function.FindUsers", false)]
    [InlineData("Function.LookupUsers", false)]
    [InlineData("Host.Results", false)]
    public void Host_json_shows_what_the_trigger_does_and_not_each_request(string category, bool isShown)
    {
        var configuration = new ConfigurationBuilder().AddJsonFile(Path.Combine(app.Root, "host.json")).Build();
        using var factory = LoggerFactory.Create(logging => logging.AddConfiguration(configuration.GetSection("logging")).AddProvider(new EverythingProvider()));

        var logger = factory.CreateLogger(category);

        Assert.Equal(isShown, logger.IsEnabled(LogLevel.Information));
        Assert.True(logger.IsEnabled(LogLevel.Warning));
    }

    private static IEnumerable<string> Lines(IEnumerable<FunctionFolder> functions) => functions
        .SelectMany(function => function.Methods, (function, method) => $"{function.Name} {method} {function.Route} {function.AuthLevel}")
        .Order(StringComparer.Ordinal);

    private static string[] RoutesOf(string route) => Several.GetValueOrDefault(route) ?? [route];

    /// <summary>Returns a route without the names of its parameters.</summary>
    private static string Plain(string route) => Regex.Replace(route, @"\{[^}]*}", "{}");

    private static string LevelOf(Access level) => level switch
    {
        Access.Anonymous => "anonymous",
        Access.Lookup => "function",
        _ => "admin",
    };

    /// <summary>A provider that accepts every entry that passes the filters.</summary>
    private sealed class EverythingProvider : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
        }

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public void Dispose()
        {
        }
    }
}
