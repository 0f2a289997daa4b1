using System.Globalization;
using System.Text.Json;
using Lookup.Functions.Cosmos.Documents;
using Lookup.Functions.Settings;

namespace Lookup.Functions.Cosmos.Containers;

/// <summary>The definition of a container, as far as the service depends on it.</summary>
/// <param name="PartitionKeyPaths">The partition key paths; several for a hierarchical partition key.</param>
/// <param name="Kind">The kind of the partition key: <c>Hash</c>, or <c>MultiHash</c> for a hierarchical one.</param>
/// <param name="Version">The version of the hash.</param>
/// <param name="DefaultTimeToLive">
/// The default time to live in seconds: -1 if only items with their own value expire, or <see langword="null"/> if no item expires.
/// </param>
internal sealed record ContainerDefinition(IReadOnlyList<string> PartitionKeyPaths, string Kind, int Version, long? DefaultTimeToLive)
{
    /// <summary>Gets the resource id, which a recreated container does not share, or <see langword="null"/> if the definition has none.</summary>
    public string? ResourceId { get; init; }

    private const string Hierarchical = "MultiHash";

    /// <summary>Reads the definition from the body of the response to a read of the container.</summary>
    /// <exception cref="JsonException">The text is not the definition of a container.</exception>
    public static ContainerDefinition Parse(ReadOnlyMemory<byte> body)
    {
        using var json = JsonDocument.Parse(body);
        try
        {
            var key = json.RootElement.GetProperty("partitionKey");
            return new ContainerDefinition(
                [.. key.GetProperty("paths").EnumerateArray().Select(path => path.GetString() ?? "")],
                key.TryGetProperty("kind", out var kind) ? kind.GetString() ?? "" : "Hash",
                key.TryGetProperty("version", out var version) ? version.GetInt32() : 1, // omitted for the first version
                json.RootElement.TryGetProperty("defaultTtl", out var ttl) && ttl.ValueKind == JsonValueKind.Number ? ttl.GetInt64() : null)
            {
                ResourceId = json.RootElement.TryGetProperty("_rid", out var id) && id.GetString() is { Length: > 0 } text ? text : null,
            };
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new JsonException("The text is not the definition of a container.", e);
        }
    }

    /// <summary>Compares the definition with the configured partition key path.</summary>
    /// <param name="expected">The value of <c>Lookup__PartitionKeyPath</c>.</param>
    /// <param name="container">The name of the container, for the message.</param>
    /// <returns>The error message, or <see langword="null"/> if the service supports the container.</returns>
    public string? ConflictWith(JsonPath expected, string container)
    {
        var paths = string.Join(", ", PartitionKeyPaths);
        if (Kind == Hierarchical || PartitionKeyPaths.Count != 1)
        {
            return $"{SettingsSection.NameOf("PartitionKeyPath")} is '{expected}', but the container {container} has the hierarchical partition key {paths},"
                + " which this service does not support; the container must have a single partition key path.";
        }

        return NamesIn(PartitionKeyPaths[0]).SequenceEqual(expected.Names, StringComparer.Ordinal)
            ? null
            : $"{SettingsSection.NameOf("PartitionKeyPath")} is '{expected}', but the partition key path of the container {container} is '{paths}';"
                + $" set {SettingsSection.NameOf("PartitionKeyPath")} to '{paths}'.";
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"partition key {string.Join(", ", PartitionKeyPaths)} ({Kind}, version {Version}), default time to live {(DefaultTimeToLive is { } seconds ? $"{seconds} s" : "none")}");

    /// <summary>Returns the names in a path of Cosmos DB, in which a name can be quoted: <c>/contact/phone</c> or <c>/"contact"/phone</c>.</summary>
    private static IEnumerable<string> NamesIn(string path)
    {
        for (var rest = path; rest.StartsWith('/');)
        {
            rest = rest[1..];
            var isQuoted = rest.StartsWith('"') && rest.IndexOf('"', 1) > 0;
            var end = rest.IndexOf('/', isQuoted ? rest.IndexOf('"', 1) : 0);
            var name = end < 0 ? rest : rest[..end];
            yield return isQuoted ? name.Trim('"') : name;
            rest = end < 0 ? "" : rest[end..];
        }
    }
}
