using System.Text;
using System.Text.Json;
using CsCheck;
using Lookup.Domain.Users;
using Lookup.Functions.Cosmos.Documents;

namespace Lookup.Functions.Tests.Cosmos;

public sealed class UserDocumentReaderTests
{
    private const string System = "\"_rid\":\"r\",\"_self\":\"s\",\"_etag\":\"\\\"e\\\"\",\"_attachments\":\"a\",\"_ts\":1700000000,\"_lsn\":7";

    [Theory]
    [InlineData("""{"id":"a",SYS}""", """{"id":"a"}""")]
    [InlineData("""{SYS,"id":"a"}""", """{"id":"a"}""")]
    [InlineData("""{"id":"a",SYS,"n":1.50,"big":12345678901234567890.10e+5,"t":"\u0041\/","x":[1, 2 ]}""", """{"id":"a","n":1.50,"big":12345678901234567890.10e+5,"t":"\u0041\/","x":[1, 2 ]}""")]
    [InlineData("""{"id":"a",SYS,"deep":{"_rid":"kept","_ts":1}}""", """{"id":"a","deep":{"_rid":"kept","_ts":1}}""")]
    [InlineData("""{"id":"a",SYS,"secret":{"a":[1,{"b":2}]},"z":1}""", """{"id":"a","z":1}""")]
    [InlineData("""{"id":"a",SYS,"sec\u0072et":1,"\u005frid":2}""", """{"id":"a"}""")]
    [InlineData("""{"id":"a",SYS,"contact":{"private":1}}""", """{"id":"a","contact":{}}""")]
    [InlineData("""{"id":"a",SYS,"contact":{"private":1,"kept":2}}""", """{"id":"a","contact":{"kept":2}}""")]
    [InlineData("""{"id":"a",SYS,"contact":[{"private":1},[{"private":1,"kept":2}],3,"private"]}""", """{"id":"a","contact":[{},[{"kept":2}],3,"private"]}""")]
    [InlineData("""{"id":"a",SYS,"contact":null}""", """{"id":"a","contact":null}""")]
    [InlineData("""{"id":"a",SYS,"private":1}""", """{"id":"a","private":1}""")]
    public void Read_copies_visible_properties_verbatim(string stored, string shown)
    {
        var user = Reader("/email", "/secret", "/contact/private").Read(Bytes(stored.Replace("SYS", System, StringComparison.Ordinal)), 5).User;

        Assert.Equal(shown, Encoding.UTF8.GetString(user.Body.Span));
        Assert.Equal("\"e\"", user.ETag);
        Assert.Equal(5, user.Lsn);
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1700000000), user.LastModified);
    }

    [Fact]
    public void Read_extracts_string_alternate_keys_even_if_they_are_hidden()
    {
        var shape = new DocumentShape(Path("/id"), [Path("/email"), Path("/contact/phone"), Path("/n")], [Path("/email"), Path("/contact")]);
        var stored = """{"id":"a","email":"\u0061@b","contact":{"phone":"1","list":[{"phone":"2"}]},"n":5,"_etag":"\"e\""}""";

        var user = new UserDocumentReader(shape).Read(Bytes(stored), 0).User;

        Assert.Equal([new AlternateKey("/email", "a@b"), new AlternateKey("/contact/phone", "1")], user.AlternateKeys);
        Assert.Equal("""{"id":"a","n":5}""", Encoding.UTF8.GetString(user.Body.Span));
    }

    [Fact]
    public void Read_extracts_no_alternate_key_from_an_array_because_no_query_would()
    {
        var user = Reader("/contact/phone").Read(Bytes("""{"id":"a","contact":[{"phone":"1"}],"_etag":"\"e\""}"""), 0).User;

        Assert.Empty(user.AlternateKeys);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("""{"id":"a","_etag":"\"e\""} x""")]
    [InlineData("""{"_etag":"\"e\""}""")]
    [InlineData("""{"id":1,"_etag":"\"e\""}""")]
    [InlineData("""{"id":"a"}""")]
    [InlineData("""{"id":"a","_etag":"e"}""")]
    [InlineData("""{"id":"a","_etag":"\"e\r\nSet-Cookie: x\""}""")]
    [InlineData("""{"id":"a","_etag":"\"e\"\""}""")]
    [InlineData("""{"id":"a","_etag":"\"\u20ac\""}""")]
    public void Read_of_an_invalid_user_fails(string stored)
    {
        Assert.ThrowsAny<JsonException>(() => Reader("/email").Read(Bytes(stored), 0));
    }

    [Fact]
    public void Read_of_invalid_utf8_fails()
    {
        byte[] stored = [.. Bytes("""{"id":"a","_etag":"\"e\"","x":" """), 0xC0, 0xAF, .. Bytes("\"}")];

        Assert.Throws<JsonException>(() => Reader("/email").Read(stored, 0));
    }

    [Fact]
    public void Read_removes_only_hidden_properties_from_any_document()
    {
        var name = Gen.OneOf("id2", "secret", "contact", "private", "_rid", "_ts", "a", "é\"\\", "");
        var leaf = Gen.OneOf(Gen.Int.Select(i => $"{i}"), Gen.OneOf("1.50", "-0", "1e400", "true", "null", "\"x\\u0000\\/\"", "\"é\""));
        var value = Gen.Recursive<string>((depth, inner) => depth >= 3 ? leaf : Gen.OneOf(
            leaf,
            inner.Array[0, 3].Select(items => $"[{string.Join(",", items)}]"),
            Gen.Select(name, inner).Array[0, 3].Select(ObjectOf)));

        Gen.Select(name, value).Array[0, 6].Sample(
            members =>
            {
                var stored = ObjectOf([("id", "\"a\""), .. members.Where(m => m.Item1 != "id"), ("_etag", "\"\\\"e\\\"\"")]);
                var shown = Reader("/email", "/secret", "/contact/private").Read(Bytes(stored), 0).User.Body;
                return Canonical(shown.Span, isTop: false) == Canonical(Bytes(stored), isTop: true);
            },
            iter: 2000);
    }

    private static string ObjectOf((string Name, string Value)[] members) =>
        "{" + string.Join(",", members.DistinctBy(m => m.Name).Select(m => JsonSerializer.Serialize(m.Name) + ":" + m.Value)) + "}";

    /// <summary>Computes the expected document by another algorithm: a tree walk.</summary>
    private static string Canonical(ReadOnlySpan<byte> json, bool isTop)
    {
        using var document = JsonDocument.Parse(json.ToArray());
        return Text(document.RootElement, isTop ? "" : null);

        static string Text(JsonElement element, string? path) => element.ValueKind switch
        {
            JsonValueKind.Object => "{" + string.Join(",", element.EnumerateObject()
                .Where(p => path is null || !IsHidden(path, p.Name))
                .Select(p => JsonSerializer.Serialize(p.Name) + ":" + Text(p.Value, path is null ? null : path + "/" + p.Name))) + "}",
            JsonValueKind.Array => "[" + string.Join(",", element.EnumerateArray().Select(item => Text(item, path))) + "]",
            _ => element.GetRawText(),
        };

        static bool IsHidden(string path, string name) =>
            (path + "/" + name) is "/secret" or "/contact/private" or "/_rid" or "/_ts" or "/_etag";
    }

    private static UserDocumentReader Reader(string alternateKey, params string[] hidden) =>
        new(new DocumentShape(Path("/id"), [Path(alternateKey)], [.. hidden.Select(Path)]));

    private static JsonPath Path(string text) => JsonPath.TryParse(text, out var path) ? path : throw new ArgumentException(text);

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
