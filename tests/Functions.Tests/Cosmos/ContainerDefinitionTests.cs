using System.Text;
using System.Text.Json;
using Lookup.Functions.Cosmos.Containers;
using Lookup.Functions.Cosmos.Documents;

namespace Lookup.Functions.Tests.Cosmos;

public sealed class ContainerDefinitionTests
{
    [Theory]
    [InlineData("""{"partitionKey":{"paths":["/id"],"kind":"Hash","version":2},"defaultTtl":-1}""", "partition key /id (Hash, version 2), default time to live -1 s")]
    [InlineData("""{"partitionKey":{"paths":["/id"],"kind":"Hash"}}""", "partition key /id (Hash, version 1), default time to live none")]
    [InlineData("""{"partitionKey":{"paths":["/id"]},"defaultTtl":null}""", "partition key /id (Hash, version 1), default time to live none")]
    [InlineData("""{"partitionKey":{"paths":["/a","/b"],"kind":"MultiHash","version":2},"defaultTtl":60}""", "partition key /a, /b (MultiHash, version 2), default time to live 60 s")]
    public void Definition_is_read_from_the_response(string json, string expected)
    {
        Assert.Equal(expected, ContainerDefinition.Parse(Encoding.UTF8.GetBytes(json)).ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"partitionKey":[]}""")]
    [InlineData("""{"partitionKey":{"paths":"/id"}}""")]
    [InlineData("""{"partitionKey":{"paths":[1]}}""")]
    [InlineData("""{"partitionKey":{"paths":["/id"],"version":"2"}}""")]
    [InlineData("""{"partitionKey":{"paths":["/id"],"version":1.5}}""")]
    public void Unknown_format_is_an_error(string json)
    {
        Assert.ThrowsAny<JsonException>(() => ContainerDefinition.Parse(Encoding.UTF8.GetBytes(json)));
    }

    [Theory]
    [InlineData("/id", "/id", true)]
    [InlineData("/\"id\"", "/id", true)]
    [InlineData("/a/\"b\"/c", "/a/b/c", true)]
    [InlineData("/ID", "/id", false)]
    [InlineData("/a/b", "/a", false)]
    [InlineData("/a", "/a/b", false)]
    [InlineData("/\"a/b\"", "/a/b", false)]
    [InlineData("/_partitionKey", "/id", false)]
    public void Paths_are_compared_by_their_names(string path, string configured, bool isSame)
    {
        Assert.True(JsonPath.TryParse(configured, out var expected));

        Assert.Equal(isSame, new ContainerDefinition([path], "Hash", 2, null).ConflictWith(expected, "lookup/users") is null);
    }

    [Fact]
    public void Hierarchical_key_with_one_path_is_not_supported()
    {
        Assert.True(JsonPath.TryParse("/id", out var expected));

        Assert.Contains("hierarchical", new ContainerDefinition(["/id"], "MultiHash", 2, null).ConflictWith(expected, "lookup/users"));
    }
}
