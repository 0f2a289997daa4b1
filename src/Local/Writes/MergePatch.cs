using System.Text.Json.Nodes;

namespace Lookup.Local.Writes;

/// <summary>The JSON Merge Patch algorithm (RFC 7396).</summary>
internal static class MergePatch
{
    /// <summary>Applies a patch: objects are merged, <c>null</c> removes a property, and any other value replaces the target.</summary>
    /// <param name="target">The value to patch. If both are objects, it is changed in place.</param>
    /// <param name="patch">The patch. Its values are copied, so it can be applied again.</param>
    /// <returns>The patched value.</returns>
    public static JsonNode? Apply(JsonNode? target, JsonNode? patch)
    {
        if (patch is not JsonObject changes)
            return patch?.DeepClone();

        var merged = target as JsonObject ?? [];
        foreach (var (name, change) in changes)
        {
            if (change is null)
            {
                merged.Remove(name);
                continue;
            }

            var before = merged[name];
            var after = Apply(before, change);
            if (!ReferenceEquals(before, after))
                merged[name] = after;
        }

        return merged;
    }
}
