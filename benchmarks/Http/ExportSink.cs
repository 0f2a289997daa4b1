using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Lookup.Benchmarks.Http;

/// <summary>An OpenTelemetry collector that accepts and discards all data, and counts the exports.</summary>
internal sealed class ExportSink : IAsyncDisposable
{
    private readonly WebApplication _app;
    private long _exports;

    private ExportSink()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.Run(async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
            context.Response.ContentType = "application/x-protobuf"; // an empty message: all data was accepted
            Interlocked.Increment(ref _exports);
        });
    }

    /// <summary>Gets the number of exports received.</summary>
    public long Exports => Interlocked.Read(ref _exports);

    /// <summary>Gets the environment variables that make a process export to this sink.</summary>
    public (string Name, string Value)[] Environment =>
    [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", _app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single()),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
        ("OTEL_BSP_SCHEDULE_DELAY", "1000"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "1000"),
    ];

    public static async Task<ExportSink> StartAsync(CancellationToken cancellation)
    {
        var sink = new ExportSink();
        await sink._app.StartAsync(cancellation);
        return sink;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
