using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using Lookup.Host.Tests.Driver.Worker.Messages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Lookup.Host.Tests.Driver.Worker;

/// <summary>
/// A substitute for the Functions host: it starts the published app as an isolated worker, loads its functions, and invokes them by gRPC.
/// </summary>
internal sealed class WorkerDriver : IAsyncDisposable
{
    /// <summary>The host's limit for a message, 128 MiB.</summary>
    private const int MaxMessageBytes = 134_217_728;

    private readonly WebApplication _host;
    private readonly Dictionary<string, string> _functionIds = [];
    private HostProcess? _process;
    private HostFront? _front;
    private TaskCompletionSource? _next;

    private WorkerDriver(WebApplication host) => _host = host;

    /// <summary>Gets the address of the host.</summary>
    public Uri Address => _front!.Address;

    public HostProcess Process => _process!;

    public WorkerStream Stream => _host.Services.GetRequiredService<WorkerStream>();

    /// <summary>Gets the worker's response to the first message of the host.</summary>
    public WorkerInitResponse Initialized { get; private set; } = new();

    /// <summary>Gets the functions that the worker reports.</summary>
    public IReadOnlyList<FunctionFolder> Functions { get; private set; } = [];

    /// <summary>Starts the app, and loads its functions.</summary>
    public static async Task<WorkerDriver> StartAsync(PublishedApp app, string connection, params (string Name, string Value)[] settings)
    {
        var driver = new WorkerDriver(CreateHost());
        await driver._host.StartAsync(Cancel.Token);
        driver._process = await HostProcess.StartAsync(
            "dotnet", ArgumentsFor(app, new Uri(driver._host.Urls.Single())), EnvironmentFor(app, [("CosmosConnection", connection), .. settings]), app.Root);
        await driver.InitializeAsync(app);
        driver._front = await driver.StartFrontAsync();
        return driver;
    }

    /// <summary>Starts another front of the host.</summary>
    /// <param name="asksForKeys">True to require keys.</param>
    public Task<HostFront> StartFrontAsync(bool asksForKeys = false) => HostFront.StartAsync(Functions, InvokeAsync, asksForKeys);

    /// <summary>Creates the server to which a worker connects. It is not started yet.</summary>
    public static WebApplication CreateHost()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(options => options.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc(options => (options.MaxReceiveMessageSize, options.MaxSendMessageSize) = (MaxMessageBytes, MaxMessageBytes));
        builder.Services.AddSingleton<WorkerStream>();
        var host = builder.Build();
        host.MapGrpcService<WorkerStream>();
        return host;
    }

    /// <summary>Returns the arguments with which the host starts the app: the older names of the same values come first.</summary>
    public static string[] ArgumentsFor(PublishedApp app, Uri host) =>
    [
        Path.Combine(app.Root, "Lookup.Functions.dll"),
        "--host", host.Host, "--port", $"{host.Port}", "--workerId", "worker-1", "--requestId", "request-1", "--grpcMaxMessageLength", $"{MaxMessageBytes}",
        "--functions-uri", host.AbsoluteUri, "--functions-worker-id", "worker-1", "--functions-request-id", "request-1", "--functions-grpc-max-message-length", $"{MaxMessageBytes}",
    ];

    /// <summary>Returns the environment in which the host starts the app.</summary>
    public static (string Name, string Value)[] EnvironmentFor(PublishedApp app, params (string Name, string Value)[] settings) =>
    [
        ("FUNCTIONS_WORKER_RUNTIME", "dotnet-isolated"), ("FUNCTIONS_WORKER_DIRECTORY", app.Root), ("FUNCTIONS_APPLICATION_DIRECTORY", app.Root),
        .. HostDriver.Container, .. HostDriver.Patient.ExceptBy(settings.Select(setting => setting.Name), setting => setting.Name), .. settings,
    ];

    /// <summary>Sends a request to the host. The path below <c>/api/</c> is sent byte for byte as specified.</summary>
    public Task<HttpResponseMessage> CallAsync(HttpMethod method, string path, string? body = null, params (string Name, string Value)[] headers) =>
        _front!.SendAsync(method, path, body, headers);

    /// <summary>Describes an invocation of GetUser that no client has requested, so that a test can change it and cancel it.</summary>
    public InvocationRequest DescribeGetUser(string id, string method = "GET")
    {
        var invocation = new InvocationRequest { InvocationId = Guid.NewGuid().ToString(), FunctionId = _functionIds["GetUser"], TraceContext = new RpcTraceContext() };
        var http = new RpcHttp { Method = method, Url = $"http://localhost/api/users/{id}" };
        http.NullableParams["id"] = new NullableString { Value = id };
        invocation.InputData.Add(new ParameterBinding { Name = "req", Data = new TypedData { Http = http } });
        invocation.TriggerMetadata["id"] = new TypedData { String = id };
        return invocation;
    }

    public async Task<InvocationResponse> InvokeAsync(InvocationRequest invocation) =>
        (await Stream.ExchangeAsync(new StreamingMessage { InvocationRequest = invocation })).InvocationResponse;

    /// <summary>Returns a task that completes when the next invocation for a client has ended.</summary>
    public Task NextInvocationAsync() => (_next = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>Sends settings to the worker, as the host does if a placeholder has loaded it.</summary>
    public async Task<FunctionEnvironmentReloadResponse> ReloadEnvironmentAsync(params (string Name, string Value)[] variables)
    {
        var request = new FunctionEnvironmentReloadRequest();
        foreach (var (name, value) in variables)
            request.EnvironmentVariables[name] = value;
        return (await Stream.ExchangeAsync(new StreamingMessage { FunctionEnvironmentReloadRequest = request })).FunctionEnvironmentReloadResponse;
    }

    public void CancelInvocation(string id) => Stream.Send(new StreamingMessage { InvocationCancel = new InvocationCancel { InvocationId = id } });

    /// <summary>Requests the end of the worker, as the host does before it ends itself.</summary>
    public void Terminate() => Stream.Send(
        new StreamingMessage { WorkerTerminate = new WorkerTerminate { GracePeriod = Duration.FromTimeSpan(TimeSpan.FromSeconds(5)) } });

    public async ValueTask DisposeAsync()
    {
        if (_front is not null)
            await _front.DisposeAsync();
        if (_process is not null)
            await _process.DisposeAsync();
        Stream.End();
        await _host.DisposeAsync();
    }

    private async Task InitializeAsync(PublishedApp app)
    {
        await Eventually.EndsAsync(Task.WhenAny(Stream.Started, Process.AppEnded), "the worker connects");
        if (!Stream.Started.IsCompleted)
            Assert.Fail($"The app ended before it connected:\n{string.Join('\n', Process.Lines)}");

        var request = new WorkerInitRequest { HostVersion = "4.1040.300", WorkerDirectory = app.Root, FunctionAppDirectory = app.Root };
        Initialized = (await Stream.ExchangeAsync(new StreamingMessage { WorkerInitRequest = request })).WorkerInitResponse;
        Succeeded(Initialized.Result);
        var metadata = (await Stream.ExchangeAsync(new StreamingMessage { FunctionsMetadataRequest = new FunctionsMetadataRequest { FunctionAppDirectory = app.Root } }))
            .FunctionMetadataResponse;
        Succeeded(metadata.Result);
        foreach (var function in metadata.FunctionMetadataResults)
        {
            var loaded = await Stream.ExchangeAsync(
                new StreamingMessage { FunctionLoadRequest = new FunctionLoadRequest { FunctionId = function.FunctionId, Metadata = function } });
            Succeeded(loaded.FunctionLoadResponse.Result);
            _functionIds[function.Name] = function.FunctionId;
        }

        Functions = [.. metadata.FunctionMetadataResults.Select(Read)];
    }

    private static FunctionFolder Read(RpcFunctionMetadata function) => FunctionFolder.Read(
        function.Name,
        JsonSerializer.SerializeToElement(new { bindings = function.RawBindings.Select(binding => JsonSerializer.Deserialize<JsonElement>(binding)) }));

    private static void Succeeded(StatusResult result) => Assert.True(result.Status == StatusResult.Types.Status.Success, result.Exception?.Message);

    /// <summary>Invokes a function for a client. If the client disconnects, the host cancels the invocation.</summary>
    private async Task InvokeAsync(FunctionFolder function, HttpContext context)
    {
        var invocation = await context.Request.ToInvocationAsync(_functionIds[function.Name]);
        await using var canceled = context.RequestAborted.Register(() => CancelInvocation(invocation.InvocationId));
        var response = await InvokeAsync(invocation);
        _next?.TrySetResult();
        await response.WriteAsync(context);
    }
}
