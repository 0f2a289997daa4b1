using System.Globalization;
using Lookup.Functions.Settings;
using OpenTelemetry.Exporter;

namespace Lookup.Functions.Telemetry;

/// <summary>
/// The OTLP export settings of one signal. As the OpenTelemetry specification requires, a signal-specific variable
/// (<c>OTEL_EXPORTER_OTLP_METRICS_ENDPOINT</c>) takes precedence over the general one (<c>OTEL_EXPORTER_OTLP_ENDPOINT</c>).
/// </summary>
internal sealed record OtlpTarget(Uri Endpoint, OtlpExportProtocol Protocol, string? Headers, int? TimeoutMilliseconds)
{
    public static OtlpTarget? Read(IConfiguration configuration, string prefix, string signal)
    {
        var own = configuration[$"{prefix}_{signal}_ENDPOINT"];
        var isOwn = !string.IsNullOrWhiteSpace(own);
        var text = isOwn ? own : configuration[$"{prefix}_ENDPOINT"];
        if (string.IsNullOrWhiteSpace(text))
            return null;

        var name = isOwn ? $"{prefix}_{signal}_ENDPOINT" : $"{prefix}_ENDPOINT";
        if (!Uri.TryCreate(text, UriKind.Absolute, out var endpoint) || endpoint.Scheme is not ("http" or "https"))
            throw new LookupSettingsException($"{name} is '{text}'; it must be an address such as http://127.0.0.1:4317.");

        var protocol = ReadProtocol(Of("PROTOCOL") ?? "grpc", $"{prefix}_PROTOCOL");
        if (!isOwn && protocol == OtlpExportProtocol.HttpProtobuf)
            endpoint = new Uri($"{endpoint.AbsoluteUri.TrimEnd('/')}/v1/{signal.ToLowerInvariant()}");
        return new OtlpTarget(endpoint, protocol, Of("HEADERS"), ReadTimeout(Of("TIMEOUT"), $"{prefix}_TIMEOUT"));

        string? Of(string what) =>
            configuration[$"{prefix}_{signal}_{what}"] is { Length: > 0 } one ? one : configuration[$"{prefix}_{what}"] is { Length: > 0 } all ? all : null;
    }

    public void Apply(OtlpExporterOptions options)
    {
        options.Endpoint = Endpoint;
        options.Protocol = Protocol;
        if (Headers is not null)
            options.Headers = Headers;
        if (TimeoutMilliseconds is { } timeout)
            options.TimeoutMilliseconds = timeout;
    }

    private static OtlpExportProtocol ReadProtocol(string text, string name) => text switch
    {
        "grpc" => OtlpExportProtocol.Grpc,
        "http/protobuf" => OtlpExportProtocol.HttpProtobuf,
        _ => throw new LookupSettingsException($"{name} is '{text}'; it must be grpc or http/protobuf."),
    };

    private static int? ReadTimeout(string? text, string name)
    {
        if (text is null)
            return null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds) && milliseconds > 0
            ? milliseconds
            : throw new LookupSettingsException($"{name} is '{text}'; it must be a number of milliseconds above 0.");
    }
}
