using System.Text;

namespace Lookup.Benchmarks.Http.Load;

/// <summary>A Lua script for wrk: it prepares the requests before the first one is sent, and prints the counters at the end.</summary>
internal static class WrkScript
{
    public const string Mark = "counted";

    public static string Of(IEnumerable<WrkRequest> requests)
    {
        var script = new StringBuilder("local requests = {}\nlocal turn = 0\n\nfunction init(args)\n");
        foreach (var request in requests)
        {
            var fields = new List<string>();
            if (request.IfNoneMatch is { } tag)
                fields.Add($"[\"If-None-Match\"] = '{tag}'");
            if (request.Body is not null)
                fields.Add("[\"Content-Type\"] = \"application/json\"");
            var method = request.Body is null ? "GET" : "POST";
            var body = request.Body is { } text ? $"'{text}'" : "nil";
            script.Append(null, $"  table.insert(requests, wrk.format(\"{method}\", \"{request.Target}\", {{ {string.Join(", ", fields)} }}, {body}))\n");
        }

        return script.Append(null, $$"""
            end

            function request()
              turn = turn % #requests + 1
              return requests[turn]
            end

            function done(summary, latency, requests)
              local errors = summary.errors
              io.write(string.format("{{Mark}} %d %d %d %d %d %d %d\n",
                summary.requests, summary.duration, summary.bytes,
                latency:percentile(50), latency:percentile(99),
                errors.connect + errors.read + errors.write + errors.timeout, errors.status))
            end

            """).ToString();
    }
}

/// <summary>One request of a load.</summary>
internal sealed record WrkRequest(string Target, string? IfNoneMatch = null, string? Body = null);
