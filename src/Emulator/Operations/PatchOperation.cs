using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Lookup.Emulator.Wire;

namespace Lookup.Emulator.Operations;

/// <summary>
/// An operation of a patch: add, set, replace, remove, incr or move at a path such as <c>/tags/0</c>, or <c>/tags/-</c> to append to the array
/// (RFC 6902).
/// </summary>
internal sealed class PatchOperation
{
    /// <summary>The limit below which each whole number has an exact representation as a <see cref="double"/>.</summary>
    private const double MaxWhole = 1e15;

    private readonly string _kind;
    private readonly string _path;
    private readonly string? _from;
    private readonly JsonNode? _value;

    private PatchOperation(string kind, string path, string? from, JsonNode? value)
    {
        _kind = kind;
        _path = path;
        _from = from;
        _value = value;
    }

    public static PatchOperation Read(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object || Json.TextOf(element, "op") is not { } kind || Json.TextOf(element, "path") is not { } path)
            throw CosmosErrorException.BadRequest("A patch operation must have the strings 'op' and 'path'.");
        var value = element.TryGetProperty("value", out var given) ? JsonNode.Parse(given.GetRawText()) : null;
        return new PatchOperation(kind.ToLowerInvariant(), path, Json.TextOf(element, "from"), value);
    }

    public void ApplyTo(JsonObject root)
    {
        var value = _value?.DeepClone();
        switch (_kind)
        {
            case "add": Put(root, _path, value, insert: true); break;
            case "set": Put(root, _path, value, insert: false); break;
            case "replace":
                Get(root, _path);
                Put(root, _path, value, insert: false);
                break;
            case "remove": Remove(root, _path); break;
            case "incr": Increment(root); break;
            case "move":
                var from = _from ?? throw CosmosErrorException.BadRequest("The operation 'move' must have 'from'.");
                var moved = Get(root, from)?.DeepClone();
                Remove(root, from);
                Put(root, _path, moved, insert: true);
                break;
            default:
                throw CosmosErrorException.BadRequest($"The operation '{_kind}' is unknown; it must be add, set, replace, remove, incr or move.");
        }
    }

    private void Increment(JsonObject root)
    {
        var by = NumberOf(_value);
        var (parent, leaf) = Locate(root, _path);
        var isNew = parent is JsonObject owner && !owner.ContainsKey(leaf);
        var sum = (isNew ? 0 : NumberOf(Get(root, _path))) + by;
        var isWhole = sum == Math.Floor(sum) && Math.Abs(sum) < MaxWhole;
        Put(root, _path, isWhole ? JsonValue.Create((long)sum) : JsonValue.Create(sum), insert: false);
    }

    private double NumberOf(JsonNode? node) => node is JsonValue value && value.TryGetValue<double>(out var number)
        ? number
        : throw CosmosErrorException.BadRequest($"The operation 'incr' at '{_path}' requires a number in 'value' and, if the path exists, at the path.");

    private static JsonNode? Get(JsonObject root, string path)
    {
        var (parent, leaf) = Locate(root, path);
        if (parent is JsonObject owner && owner.TryGetPropertyValue(leaf, out var value)) return value;
        if (parent is JsonArray array) return array[IndexIn(leaf, array.Count - 1, path)];
        throw NoSuchPath(path);
    }

    private static void Put(JsonObject root, string path, JsonNode? value, bool insert)
    {
        var (parent, leaf) = Locate(root, path);
        if (parent is JsonObject owner) owner[leaf] = value;
        else if (parent is not JsonArray array) throw NoSuchPath(path);
        else if (leaf == "-") array.Add(value);
        else if (insert) array.Insert(IndexIn(leaf, array.Count, path), value);
        else array[IndexIn(leaf, array.Count - 1, path)] = value;
    }

    private static void Remove(JsonObject root, string path)
    {
        var (parent, leaf) = Locate(root, path);
        if (parent is JsonArray array) array.RemoveAt(IndexIn(leaf, array.Count - 1, path));
        else if (parent is not JsonObject owner || !owner.Remove(leaf)) throw NoSuchPath(path);
    }

    private static (JsonNode Parent, string Leaf) Locate(JsonObject root, string path)
    {
        if (path.Length < 2 || path[0] != '/') throw NoSuchPath(path);
        var names = path[1..].Split('/').Select(name => name.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)).ToArray();
        JsonNode parent = root;
        foreach (var name in names[..^1])
        {
            parent = parent switch
            {
                JsonObject owner => owner[name],
                JsonArray array => array[IndexIn(name, array.Count - 1, path)],
                _ => null,
            } ?? throw NoSuchPath(path);
        }

        return (parent, names[^1]);
    }

    private static int IndexIn(string text, int highest, string path) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index <= highest
            ? index
            : throw NoSuchPath(path);

    private static CosmosErrorException NoSuchPath(string path) =>
        CosmosErrorException.BadRequest($"The path '{path}' of the patch is malformed, or does not exist in the document; a path has the form /name or /tags/0.");
}
