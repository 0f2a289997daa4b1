using System.Text.Json;
using Lookup.Emulator.Wire;

namespace Lookup.Emulator.Partitioning;

/// <summary>The path of the partition key in the documents of a container, such as <c>/id</c> or <c>/address/city</c>.</summary>
internal sealed class PartitionKeyPath
{
    private readonly string[] _names;

    private PartitionKeyPath(string[] names) => _names = names;

    /// <summary>Gets the last name of the path, which the change feed uses for the partition key of a deleted document.</summary>
    public string LeafName => _names[^1];

    public static PartitionKeyPath Parse(string path)
    {
        var names = path.Split('/').Skip(1).Select(name => name.Trim('"')).ToArray();
        if (path.StartsWith('/') && names.All(name => name.Length > 0)) return new PartitionKeyPath(names);
        throw CosmosErrorException.BadRequest(
            $"The partition key path '{path}' is not valid; a path starts with '/' and names a property, such as /id or /address/city.");
    }

    public PartitionKeyValue ValueIn(JsonElement document)
    {
        var element = document;
        foreach (var name in _names)
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element)) return PartitionKeyValue.Undefined;
        }

        return PartitionKeyValue.TryFrom(element, out var value)
            ? value
            : throw CosmosErrorException.BadRequest("The partition key of the document is an array or an object; it must be a string, a number, a Boolean or null.");
    }
}
