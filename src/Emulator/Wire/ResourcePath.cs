namespace Lookup.Emulator.Wire;

/// <summary>
/// The path of the requested resource: <c>dbs/{database}/colls/{container}/docs/{id}</c> or a prefix of it.
/// A path with an odd number of segments identifies a feed (all databases, all documents); other paths identify a single resource.
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

    /// <summary>Gets the kind of the resource (dbs, colls, docs, …) or, for a feed, of its members; empty for the account.</summary>
    public string Kind => Count == 0 ? "" : _segments[(Count - 1) / 2 * 2];

    public string this[int index] => _segments[index];

    /// <summary>Parses a raw request target. Segments are decoded after the split, so that an encoded '/' remains part of its id.</summary>
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

    /// <summary>
    /// Gets the whole path if it begins like that of a document and is longer; otherwise, <see langword="null"/>. The SDK does not encode an id, and
    /// signs such a path as that of a document if the id contains a slash. It identifies no resource.
    /// </summary>
    public string? LinkWithSlashedId => Count > 6 && _segments[4] == "docs" ? string.Join('/', _segments) : null;

    /// <summary>Gets the signed part of the path: without its leading slash and, for a feed, without its last segment.</summary>
    public string OwnerLink => string.Join('/', IsFeed ? _segments[..^1] : _segments);

    /// <summary>
    /// Gets the last RID or id of <see cref="OwnerLink"/>, or <see langword="null"/> for the account and the feed of databases.
    /// </summary>
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
