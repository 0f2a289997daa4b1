using System.Diagnostics;
using System.Diagnostics.Metrics;
using Lookup.Functions.Hosting;
using Lookup.Functions.Settings;
using Lookup.Functions.Support;
using Lookup.Functions.Tests.Support;
using Lookup.Support;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Lookup.Functions.Tests.Telemetry;

public sealed class TelemetryTests
{
    private static readonly string[] Instruments =
    [
        "lookup.requests", "lookup.flights.collapsed", "lookup.cache.entries", "lookup.cache.bytes", "lookup.cache.evictions", "lookup.cache.too_large",
        "lookup.feed.lag", "lookup.feed.confirmed_age", "lookup.store.duration", "lookup.store.request_charge",
        "lookup.store.request_charge_saved", "lookup.staleness", "lookup.consistency.violations", "dotnet.gc.collections",
    ];

    [Fact]
    public async Task Every_signal_is_exported_and_none_names_a_user()
    {
        var unique = Guid.NewGuid().ToString("N");
        var (known, unknown, bad, failing) = ($"known{unique}", $"nobody{unique}", $"a%2F{unique}", $"failing{unique}");
        var logs = new LogCapture();
        await using var sink = await OtlpSink.StartAsync();
        await using (var store = await Store.StartAsync())
        {
            await store.PutUserAsync(known);
            await using var service = await Service.StartAsync(
                store,
                logs.AddTo,
                [.. sink.Settings, ("OTEL_TRACES_SAMPLER", "always_on"), ("Logging__LogLevel__Default", "Trace")]);
            await service.GetAsync($"/api/users/{known}");
            await service.GetAsync($"/api/users/{known}");
            await service.GetAsync($"/api/users/{known}?code=secret{unique}");
            await service.GetAsync($"/api/users/{unknown}");
            await service.GetAsync($"/api/users/{bad}");
            await service.GetAsync($"/api/nothing/{unique}");
            await service.SendAsync(new HttpMethod($"M{unique[..8]}"), $"/api/users/{known}", null);
            await service.GetAsync($"/api/users?email={known}%40example.com");
            await service.SendAsync(
                HttpMethod.Post, "/api/users/lookup", new StringContent($$"""{"ids":["{{known}}","{{unknown}}","more{{unique}}","most{{unique}}"]}""", null, "application/json"));
            await service.SendAsync(HttpMethod.Delete, $"/api/cache/users/{known}", null);
            await store.PutUserAsync(unknown);
            await service.CatchUpAsync();
            await store.AddFaultAsync("""{"operation":"pointRead","status":503}""");
            Assert.Equal(503, (int)(await service.GetAsync($"/api/users/{failing}")).Status);
            await store.ClearFaultsAsync();
            Flush(service);
        }

        Assert.All(Instruments, name => Assert.True(sink.Has("metrics", name), name));
        Assert.All(["GetUser", "FindUsers", "LookupUsers", "outcome", "servedStale", "follower", "capacity"], value => Assert.True(sink.Has("metrics", value), value));
        Assert.All(
            ["GET /api/users/{id}", "GetUser", "readMany", "query", "lookup.outcome", "http.route", "unavailable"],
            value => Assert.True(sink.Has("traces", value), value));
        Assert.True(sink.Has("logs", "is armed"));
        Assert.All(["metrics", "traces", "logs"], signal => Assert.False(sink.Has(signal, unique), signal));
        Assert.All(["metrics", "traces", "logs"], signal => Assert.False(sink.Has(signal, unique[..8]), signal));
        Assert.DoesNotContain(logs.Lines.Where(line => line.Id.Id is >= 1000 and < 2000), line => line.Text.Contains(unique, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("01", true)]
    [InlineData("00", false)]
    public async Task Trace_of_the_caller_is_continued_with_its_sampling_decision(string flags, bool isKept)
    {
        var trace = ActivityTraceId.CreateRandom();
        await using var sink = await OtlpSink.StartAsync();
        await using (var store = await Store.StartAsync())
        {
            await store.PutUserAsync("ada");
            await using var service = await Service.StartAsync(store, null, sink.Settings);
            await service.GetAsync("/api/users/ada", ("traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom()}-{flags}"));
            Flush(service);
        }

        Assert.Equal(isKept, sink.Has("traces", Convert.FromHexString(trace.ToString())));
    }

    [Fact]
    public async Task SDK_is_not_built_without_a_target()
    {
        await using var service = await Service.StartUnarmedAsync("AccountEndpoint=http://127.0.0.1:1/;AccountKey=a2V5;");

        Assert.Null(service.Services.GetService<MeterProvider>());
        Assert.Null(service.Services.GetService<TracerProvider>());
    }

    [Fact]
    public async Task Signal_with_its_own_target_is_exported_alone()
    {
        await using var service = await Service.StartUnarmedAsync(
            "AccountEndpoint=http://127.0.0.1:1/;AccountKey=a2V5;", null, ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://127.0.0.1:1/v1/metrics"));

        Assert.NotNull(service.Services.GetService<MeterProvider>());
        Assert.Null(service.Services.GetService<TracerProvider>());
    }

    [Fact]
    public async Task Azure_Monitor_is_used_if_its_connection_string_is_set()
    {
        await using var service = await Service.StartUnarmedAsync(
            "AccountEndpoint=http://127.0.0.1:1/;AccountKey=a2V5;",
            null,
            ("APPLICATIONINSIGHTS_STATSBEAT_DISABLED", "true"),
            ("APPLICATIONINSIGHTS_AUTHENTICATION_STRING", "ClientId=00000000-0000-0000-0000-000000000001;Authorization=AAD"),
            ("APPLICATIONINSIGHTS_CONNECTION_STRING", "InstrumentationKey=00000000-0000-0000-0000-000000000000;IngestionEndpoint=http://127.0.0.1:1/"));

        Assert.NotNull(service.Services.GetService<MeterProvider>());
        Assert.NotNull(service.Services.GetService<TracerProvider>());
    }

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317", "an address such as")]
    [InlineData("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json", "grpc or http/protobuf")]
    [InlineData("OTEL_EXPORTER_OTLP_TIMEOUT", "soon", "a number of milliseconds")]
    [InlineData("APPLICATIONINSIGHTS_CONNECTION_STRING", "SECRET", "InstrumentationKey=<guid>")]
    [InlineData("APPLICATIONINSIGHTS_AUTHENTICATION_STRING", "Authorization=ADD", "Authorization=AAD, with ;ClientId=<guid>")]
    [InlineData("APPLICATIONINSIGHTS_AUTHENTICATION_STRING", "AAD", "Authorization=AAD")]
    [InlineData("APPLICATIONINSIGHTS_AUTHENTICATION_STRING", "Authorization=AAD;ClientId=SECRET", "Authorization=AAD")]
    [InlineData("APPLICATIONINSIGHTS_AUTHENTICATION_STRING", "Authorization=AAD;ClientID2=00000000-0000-0000-0000-000000000001", "Authorization=AAD")]
    [InlineData("Lookup__ProbeRequestUnitsPerSecond", "lots", "0 or a number from 0.001 to 1000")]
    public void Invalid_target_prevents_startup_with_an_error_message(string name, string value, string sentence)
    {
        var settings = new Dictionary<string, string?>
        {
            ["urls"] = "http://127.0.0.1:0",
            ["CosmosConnection"] = "AccountEndpoint=http://127.0.0.1:1/;AccountKey=a2V5;",
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:1",
            [name] = value,
        };

        var wrong = Assert.Throws<LookupSettingsException>(() => LookupHost.Create([], settings));

        Assert.Contains(name, wrong.Message, StringComparison.Ordinal);
        Assert.Contains(sentence, wrong.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("SECRET", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_and_statistics_report_the_same_counts()
    {
        await using var store = await Store.StartAsync();
        await store.PutUserAsync("ada");
        await using var service = await Service.StartAsync(store);
        var counts = new Dictionary<string, long>();
        using var listener = new MeterListener();
        var own = service.Services.GetRequiredService<IMeterFactory>();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Name == "lookup.requests" && ReferenceEquals(instrument.Meter.Scope, own))
                l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) => counts[$"{tags[0].Value} {tags[1].Value}"] = value);
        listener.Start();
        for (var i = 0; i < 3; i++)
            await service.GetAsync("/api/users/ada");

        listener.RecordObservableInstruments();
        var stats = (await service.GetAsync("/api/stats")).Json;

        Assert.Equal(2, counts["GetUser hit"]);
        Assert.Equal(1, counts["GetUser miss"]);
        Assert.Equal(
            stats.GetProperty("requests").EnumerateArray().ToDictionary(
                row => $"{row.GetProperty("function").GetString()} {row.GetProperty("outcome").GetString()}",
                row => row.GetProperty("count").GetInt64()),
            counts);
    }

    private static void Flush(Service service)
    {
        var limit = (int)Eventually.Limit.TotalMilliseconds;
        Assert.True(service.Services.GetRequiredService<MeterProvider>().ForceFlush(limit), "the metrics were sent");
        Assert.True(service.Services.GetRequiredService<TracerProvider>().ForceFlush(limit), "the traces were sent");
    }
}
