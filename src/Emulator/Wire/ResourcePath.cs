namespace Lookup.Emulator.Wire;

/// <summary>
/// The resource that a request names: <c>dbs/{database}/colls/{container}/docs/{id}</c>, or a part of it from the left.
/// A path of an odd number of segments names a feed (all databases, all documents), one of an even number a single resource.
/// </summary>
internal sealed class ResourcePath
{
    private static readonly string[] KnownSegments = ["dbs", "colls", "docs", "pkranges", "_emulator"];

    private readonly List<string> _segments = new(6);

    private ResourcePath()
    {
    }

    public int Count => _segments.Count;

    public bool IsFeed => Count % 2 == 1;

    /// <summary>The kind of the resource (dbs, colls, docs, …) or, for a feed, of its members; empty for the account.</summary>
    public string Kind => Count == 0 ? "" : _segments[(Count - 1) / 2 * 2];

    public string this[int index] => _segments[index];

    /// <summary>Takes the target as it came, since decoding before splitting would hide an encoded '/' in an id.</summary>
    public static ResourcePath Parse(string rawTarget)
    {
        var path = new ResourcePath();
        var query = rawTarget.IndexOf('?', StringComparison.Ordinal);
        var rest = query < 0 ? rawTarget.AsSpan() : rawTarget.AsSpan(0, query);
        foreach (var part in rest.Split('/'))
        {
            var segment = rest[part];
            if (segment.IsEmpty) continue;
            path._segments.Add(KnownOrNull(segment) ?? Decode(segment));
        }

        return path;
    }

    /// <summary>The path without its first slash and, for a feed, without its last segment: what the authorization signs.</summary>
    public string OwnerLink => string.Join('/', IsFeed ? _segments[..^1] : _segments);

    /// <summary>The last RID or id of <see cref="OwnerLink"/>; null for the account and its databases as a whole.</summary>
    public string? OwnerResourceId => Count < 2 ? null : _segments[IsFeed ? Count - 2 : Count - 1];

    public override string ToString() => "/" + string.Join('/', _segments);

    private static string? KnownOrNull(ReadOnlySpan<char> segment)
    {
        foreach (var known in KnownSegments)
        {
            if (segment.SequenceEqual(known)) return known;
        }

        return null;
    }

    private static string Decode(ReadOnlySpan<char> segment) =>
        segment.Contains('%') ? Uri.UnescapeDataString(segment) : segment.ToString();
}
