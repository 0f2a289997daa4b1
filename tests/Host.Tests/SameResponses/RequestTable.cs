using System.Text;

namespace Lookup.Host.Tests.SameResponses;

/// <summary>The requests whose responses are compared between the ways of running the app.</summary>
internal static class RequestTable
{
    private const string Batch = """{"ids":["u1","nobody","u42 ","b%2Fc","u1","c/d"]}""";

    /// <summary>A batch of users of which no other row reads any, because not all ways accept it.</summary>
    private const string ChunkedBatch = """{"ids":["chunked"]}""";

    /// <summary>Routes of the service, with the methods, the conditions and the queries that they support.</summary>
    private static IEnumerable<TableRow> Routes =>
    [
        new("GET", "users/u1", 200),
        new("HEAD", "users/u1", 200),
        new("GET", "users/nobody", 404),
        new("HEAD", "users/nobody", 404),
        new("GET", "users/large", 200),
        new("HEAD", "users/large", 200),
        new("GET", "users/u1", 304) { Headers = [("If-None-Match", "*")] },
        new("HEAD", "users/u1", 304) { Headers = [("If-None-Match", "*")] },
        new("GET", "users/u1", 200) { Headers = [("If-None-Match", "W/\"other\", \"another\"")] },
        new("GET", "users/u1", 200) { Headers = [("If-Match", "*"), ("If-Unmodified-Since", "Mon, 01 Jan 2001 00:00:00 GMT")] },
        new("GET", "users/u1", 412) { Headers = [("If-Match", "W/\"other\", \"another\"")] },
        new("HEAD", "users/u1", 412) { Headers = [("If-Match", "\"other\"")] },
        new("GET", "users/nobody", 404) { Headers = [("If-Match", "\"other\"")] },
        new("GET", "users/u1", 412) { Headers = [("If-Unmodified-Since", "Mon, 01 Jan 2001 00:00:00 GMT")] },
        new("GET", "users/u1", 200) { Headers = [("If-Unmodified-Since", "Fri, 01 Jan 2100 00:00:00 GMT")] },
        new("GET", "users/u1", 200) { Headers = [("If-Unmodified-Since", "yesterday")] },
        new("GET", "users/u1", 412) { Headers = [("If-Match", "\"other\""), ("If-None-Match", "*")] },
        new("GET", "users?email=u1@example.com", 412) { Headers = [("If-Match", "\"other\"")] },
        new("GET", "users?email=u1@example.com", 304) { Headers = [("If-None-Match", "*")] },
        new("GET", "users/u1", 406) { Headers = [("Accept", "text/html;q=0.5")] },
        new("GET", "users/u1", 200) { Headers = [("Accept", "text/html, application/*;q=0.1")] },
        new("GET", "users/never", 504) { Headers = [("Cache-Control", "max-stale, only-if-cached")] },
        new("GET", "users/u1", 200) { Headers = [("Cache-Control", "no-cache")] },
        new("GET", "users/u1", 200) { Headers = [("Cache-Control", "max-age=100, max-age=0")] },
        new("GET", "users/u1", 200) { Headers = [("Cache-Control", "max-age=0, max-age=100")] },
        new("GET", "users/u1", 200) { Headers = [("Cache-Control", "max-age=\"0\", unknown=1, =,")] },
        new("GET", "users/u1?code=key", 200),
        new("GET", "users/u1?id=u42", 400),
        new("GET", "users/u1?ID=u42", 400),
        new("GET", "users?email=u1@example.com", 200),
        new("HEAD", "users?email=u1@example.com", 200),
        new("GET", "users?email=u%2B1%40example.com", 200),
        new("GET", "users?email=u+1@example.com", 200),
        new("GET", "users?email=nobody@example.com", 200),
        new("GET", "users/?email=u1@example.com", 400),
        new("GET", "users?email=a&email=b", 400),
        new("GET", "users?email=", 400),
        new("GET", "users", 400),
        new("POST", "users/lookup", 200) { Body = Encoding.UTF8.GetBytes(Batch) },
        new("POST", "users/lookup", 400) { Body = "{\"ids\":[]}"u8.ToArray() },
        new("POST", "users/lookup", 400) { Body = "{\"id\":\"u1\"}"u8.ToArray() },
        new("POST", "users/lookup", 400) { Body = "{"u8.ToArray() },
        new("POST", "users/lookup", 400) { Body = [] },
        new("POST", "users/lookup", 400) { Body = [0x7B, 0xFF, 0x7D] },
        new("POST", "users/lookup", 413) { Body = new byte[300_000] },
        new("POST", "users/lookup", 415) { Body = Encoding.UTF8.GetBytes(Batch), ContentType = "text/plain" },
        new("POST", "users/lookup", 415) { Body = Encoding.UTF8.GetBytes(Batch), ContentType = null },
        new("POST", "users/lookup", 415) { Body = Encoding.UTF8.GetBytes(Batch), Headers = [("Content-Encoding", "gzip")] },
        new("POST", "users/lookup", 415) { Body = [], Headers = [("Content-Encoding", "br, identity")] },
        new("POST", "users/lookup", 200) { Body = Encoding.UTF8.GetBytes(Batch), Headers = [("Content-Encoding", "Identity")] },
        new("POST", "users/lookup?pk=x", 400) { Body = Encoding.UTF8.GetBytes(Batch) },
        new("DELETE", "cache/users/u1", 200),
        new("DELETE", "cache/users/nobody", 200),
        new("DELETE", "cache/users/u%23", 400),
        new("DELETE", "cache", 200),
        new("DELETE", "cache?email=u1@example.com", 400),
        new("GET", "stats", 200),
        new("HEAD", "stats", 200),
        new("GET", "stats?other=1", 200),
        new("GET", "dashboard", 200),
        new("HEAD", "dashboard", 200),
        new("GET", "health/live", 200),
        new("HEAD", "health/live", 200),
        new("GET", "openapi.json", 200),
        new("GET", "docs", 302),
        new("GET", "docs/", 200),
        new("HEAD", "docs/", 200),
        new("GET", "docs/?file=docs.js", 200),
        new("GET", "docs/docs.js", 200),
        new("GET", "docs/docs.js?file=scalar.js", 200),
        new("HEAD", "docs/docs.js", 200),
        new("GET", "docs/docs.js", 304) { Headers = [("If-None-Match", "*")] },
        new("GET", "docs/docs.js", 412) { Headers = [("If-Match", "\"other\"")] },
        new("GET", "docs/favicon.svg", 200),
        new("GET", "docs/scalar.js", 200) { Headers = [("Accept-Encoding", "gzip")] },
        new("HEAD", "docs/scalar.js", 200),
        new("GET", "docs/scalar.aspnetcore.js", 200),
    ];

    /// <summary>Ids that could be confused with that of another user. The response is for exactly the id in the path, or an error.</summary>
    private static IEnumerable<TableRow> Ids =>
    [
        new("GET", "users/u42", 200),
        new("GET", "users/%7542", 200),
        new("GET", "users/u42%20", 200),
        new("GET", "users/u4%2532", 200),
        new("GET", "users/u42%2525", 200),
        new("GET", "users/u42%C3%A9", 200),
        new("GET", "users/u42+", 404),
        new("GET", "users/u42;a", 404),
        new("GET", "users/u42:8", 404),
        new("GET", "users/u42%25", 404),
        new("GET", "users/u42%2520", 404),
        new("GET", "users/u4%252532", 404),
        new("GET", "users/u42%23", 400),
        new("GET", "users/u42%23zzz", 400),
        new("GET", "users/u42%3F", 400),
        new("GET", "users/u42%3Fzzz", 400),
        new("GET", "users/u42%3Fcode=1?code=2", 400),
        new("GET", "users/u42%5Czzz", 400),
        new("GET", "users/u42%0A", 400),
        new("GET", "users/u42/", 400),
        new("GET", $"users/{new string('x', 1023)}", 200),
        new("GET", $"users/{new string('x', 1024)}", 400),
        new("GET", "users/lookup", 404),
        new("DELETE", "cache/users/u42/", 400),
        new("DELETE", "cache/users/u42%3Fzzz", 400),
        new("DELETE", "cache/users/u4%2532", 200),
    ];

    /// <summary>Requests that mean something else behind a host, as docs/hosting.md documents.</summary>
    private static IEnumerable<TableRow> Differing =>
    [
        // The host decodes a path once, except for an encoded slash, so "%2F" and "%252F" arrive alike and are both refused.
        new("GET", "users/a%252Fb", 200) { BehindHost = 400 },
        new("GET", "users/a%2Fb", 400) { BehindHost = 400 },
        new("GET", "users/a%2fb", 400) { BehindHost = 400 },
        new("DELETE", "cache/users/a%252Fb", 200) { BehindHost = 400 },

        // What the host cannot decode stays text.
        new("GET", "users/u42%zz", 400) { BehindHost = 404 },
        new("GET", "users/u42%E2%82", 400) { BehindHost = 404 },

        // The host resolves dot segments before it looks for a function.
        new("GET", "users/u42/../dots", 400) { BehindHost = 200 },

        // The host responds itself to a path or a method that no function lists, with 404 and without a body.
        new("GET", "health/neither", 404) { BehindHost = 404 },
        new("GET", "docs/anything", 404) { BehindHost = 404 },
        new("PUT", "users/u1", 405) { BehindHost = 404 },
        new("POST", "users", 405) { BehindHost = 404 },
        new("HEAD", "openapi.json", 405) { BehindHost = 404 },
        new("GET", "docs/a/b", 404) { BehindHost = 404 },

        // Without keys, the app alone includes the checks in the response.
        new("GET", "health/ready", 200) { BehindHost = 200 },
        new("HEAD", "health/ready", 200) { BehindHost = 200 },

        // The host passes a body to an isolated worker only if its length is given.
        new("POST", "users/lookup", 200) { Body = Encoding.UTF8.GetBytes(ChunkedBatch), IsChunked = true, InWorker = 400 },
    ];

    public static IReadOnlyDictionary<string, TableRow> Rows { get; } = Routes.Concat(Ids).Concat(Differing).ToDictionary(row => row.Name);
}
