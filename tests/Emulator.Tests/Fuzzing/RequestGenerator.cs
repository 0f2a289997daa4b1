using System.Text;
using CsCheck;

namespace Lookup.Emulator.Tests.Fuzzing;

/// <summary>A generator of requests that range from nearly valid to noise, combined at random from parts of the protocol.</summary>
internal sealed class RequestGenerator(CosmosEmulator emulator, string database, string container)
{
    private static readonly string Date = TimeProvider.System.GetUtcNow().ToString("r");

    private static readonly Gen<string> Method = Gen.Frequency(
        (10, Any("GET", "POST", "PUT", "PATCH", "DELETE")),
        (1, Any("HEAD", "OPTIONS", "TRACE", "BREW")));

    private static readonly Gen<string> Id = Gen.Frequency(
        (8, Gen.Int[0, 20].Select(number => $"u{number}")),
        (1, Any("%", "%41", "%2F", "%00", "%ff%fe", "..", "a%20b", "%F0%9F%98%80", "~", "*")),
        (1, Gen.String[Gen.Char['!', '~'], 1, 20].Select(text => Uri.EscapeDataString(text))));

    private static readonly Gen<string> Number = Any("0", "1", "-1", "7", "100", "2147483648", "-9223372036854775809", "1e400", "");

    private static readonly Gen<string> Text = Gen.Frequency(
        (1, Any("", "\\ud800", "\\u0000", "é", "😀", "'", "\\\"", "..")),
        (1, Gen.String[Gen.Char['a', 'z'], 0, 12]));

    private static readonly Gen<(string, string)> Header = Gen.OneOf(
        Named(["x-ms-documentdb-partitionkey"], PartitionKey),
        Named(["x-ms-max-item-count", "x-ms-offer-throughput"], Number),
        Named(["x-ms-documentdb-isquery", "x-ms-cosmos-is-query-plan-request", "x-ms-documentdb-is-upsert", "x-ms-cosmos-is-batch-request"], Any("True", "False", "")),
        Named(["A-IM"], Any("Incremental feed", "Full-Fidelity Feed", "x")),
        Named(["If-None-Match", "If-Match"], Any("*", "\"1\"", "\"99999999999999999999\"", "x")),
        Named(["x-ms-start-epk", "x-ms-end-epk"], Any("", "FF", "3F", "zz", new string('F', 40))),
        Named(["x-ms-documentdb-partitionkeyrangeid"], Any("0", "1", "9", ",", "rid,0")),
        Named(["x-ms-session-token"], Any("0:-1#1", "0:-1#999", "0:1#2#3=4", ":", "0:", "0:x,1:-1#2")),
        Named(["x-ms-continuation"], Continuation),
        Named(["If-Modified-Since"], Any("Tue, 01 Dec 2020 10:00:00 GMT", "x")),
        Named(["Prefer"], Any("return=minimal", "x")),
        Named(["x-anything"], Gen.String[Gen.Char[' ', '~'], 0, 40]));

    private static Gen<string> PartitionKey => Gen.Frequency(
        (6, Gen.Int[0, 20].Select(number => $"[\"u{number}\"]")),
        (1, Any("[]", "[{}]", "[null]", "[1.5]", "[1e999]", "[true]", "[[]]", "x", "[\"", "[\"\\ud800\"]", "[\"a\",\"b\"]")));

    private static Gen<string> Continuation =>
        Any("0", "{}", "{\"after\":1,\"taken\":0,\"keys\":[]}", "{\"after\":-1,\"taken\":0,\"keys\":[1]}", "[", "{\"after\":1,\"taken\":0,\"keys\":[{\"item\":{}}]}");

    private static Gen<string> Document => Id.Select(Text, Number, (id, text, number) =>
        $"{{\"id\":\"{id}\",\"userId\":\"{id}\",\"name\":\"{text}\",\"n\":{(number.Length == 0 ? "null" : number)},\"tags\":[\"{text}\"]}}");

    private static Gen<string> Patch => Any("add", "set", "replace", "remove", "incr", "move", "x").Select(
        Any("/name", "/tags/-", "/tags/0", "/tags/9", "/id", "/a/b", "/", "", "/~1~0"), Any("1", "\"x\"", "null", "{}", "[1]"),
        (kind, path, value) => $"{{\"operations\":[{{\"op\":\"{kind}\",\"path\":\"{path}\",\"from\":\"/name\",\"value\":{value}}}]}}");

    // Keywords of the query language in random order, which is occasionally a valid one.
    private static Gen<string> Query => Any(
            "SELECT", "VALUE", "DISTINCT", "TOP 2", "*", "c.id", "c.tags[0]", "FROM c", "WHERE", "c.n = 1", "c.name > 'a'", "AND", "OR", "NOT", "IN (1, 2)",
            "BETWEEN 1 AND 2", "ORDER BY c.n", "DESC", "OFFSET 1 LIMIT 2", "COUNT(1)", "SUM(c.n)", "MAX(c.name)", "LOWER(c.name)", "(", ")", "[", "]", "{", "}", "'", "@p", "-", "/ 0",
            "GROUP BY c.id", "JOIN t IN c.tags", "ARRAY_CONTAINS(c.tags, 'x')", "\\u0027", "1e400", "{\\\"a\\\": c.id}").Array[1, 10]
        .Select(words => $"{{\"query\":\"{string.Join(' ', words[0] == "SELECT" ? words : ["SELECT * FROM c WHERE", .. words])}\",\"parameters\":[{{\"name\":\"@p\",\"value\":1}}]}}");

    private static Gen<string> Body => Gen.Frequency(
        (4, Document),
        (2, Patch),
        (3, Query),
        (1, Any("", "null", "[]", "{}", "{\"id\":", "\uFEFF{}", new string('[', 5000), "{\"query\":1}", "{\"operations\":{}}", "{\"id\":\"d\",\"id\":\"e\"}")),
        (1, Any("{\"id\":\"more\",\"partitionKey\":{\"paths\":[\"/id\"],\"kind\":\"Hash\"}}", "{\"id\":\"more\",\"partitionKey\":{\"paths\":7}}")));

    private static Gen<byte[]> Noise => Gen.OneOf(
        Gen.Byte.Array[1, 200],
        Any(
            "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.0\r\n\r\n", "GET /\r\n", "POST /dbs HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{}", "\r\n\r\n",
            "GET / HTTP/9.9\r\nHost: x\r\n\r\n", "POST /dbs HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", "GET http://x/dbs HTTP/1.1\r\nHost: x\r\n\r\n", "CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\n\r\n")
            .Select(Encoding.Latin1.GetBytes));

    public Gen<WireRequest> Request => Gen.Frequency(
        (9, Framed),
        (5, Coherent),
        (2, FeedPoll),
        (1, Noise.Select(bytes => new WireRequest("", bytes, IsFramed: false))));

    private Gen<string> Target => Gen.Frequency(
        (8, Id.Select(id => $"/dbs/{database}/colls/{container}/docs/{id}")),
        (8, Any($"/dbs/{database}/colls/{container}/docs")),
        (1, Any("/", "/dbs", "/dbs/more", $"/dbs/{database}/colls", $"/dbs/{database}/colls/more", $"/dbs/{database}/colls/{container}/pkranges", "/dbs//", "//", "/?x=y", "/offers")),
        (1, Any("/_emulator/stats", "/_emulator/faults/x", "/_emulator", "/_emulator/splits", "/_emulator/merges", "/_emulator/lag", "/_emulator/ttl-delay")),
        (1, Id.Select(id => $"/{id}/{id}")));

    private Gen<WireRequest> Framed => Method.Select(Target, Header.Array[0, 5], Body, Gen.Int[0, 9], (method, target, headers, body, luck) =>
        WireRequest.Framed(method, target, luck == 0 ? headers : [.. headers, .. Signature(method, target)], body));

    // The address, partition key and body refer to the same document, so that the request passes more checks.
    private Gen<WireRequest> Coherent => Method.Select(Gen.Int[0, 20], Gen.Bool, Header.Array[0, 2], Gen.OneOf(Patch, Any("")), (method, number, one, headers, patch) =>
    {
        var target = $"/dbs/{database}/colls/{container}/docs" + (one ? $"/u{number}" : "");
        var body = method == "PATCH" ? patch : $"{{\"id\":\"u{number}\",\"userId\":\"u{number}\",\"name\":\"n\",\"tags\":[]}}";
        return WireRequest.Framed(method, target, [("x-ms-documentdb-partitionkey", $"[\"u{number}\"]"), .. headers, .. Signature(method, target)], body);
    });

    private Gen<WireRequest> FeedPoll => Any("Incremental feed", "Full-Fidelity Feed").Select(Header.Array[0, 3], Any("0", "3", "9"), (mode, headers, range) =>
    {
        var target = $"/dbs/{database}/colls/{container}/docs";
        return WireRequest.Framed(
            "GET", target, [("A-IM", mode), ("x-ms-documentdb-partitionkeyrangeid", range), .. headers, .. Signature("GET", target)], "");
    });

    private static Gen<string> Any(params string[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);

    private static Gen<(string, string)> Named(string[] names, Gen<string> value) => Any(names).Select(value, (name, chosen) => (name, chosen));

    private (string, string)[] Signature(string method, string target) =>
        [("x-ms-date", Date), ("authorization", RawClient.SignPath(emulator.Key, method, target, Date))];
}
