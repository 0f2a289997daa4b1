using System.Buffers;

namespace Lookup.Functions.Cosmos;

/// <summary>The check for ids that a point read supports.</summary>
/// <remarks>
/// The SDK inserts an id into a URI without encoding it. In the URI, <c>%41</c> becomes <c>A</c>, <c>..</c> becomes the container, and a
/// trailing space is lost, so a different item would be read; and a slash begins another segment. Such ids are read by a query, in which they
/// are parameters.
/// </remarks>
internal static class PointReadId
{
    private const string Base = "http://store/docs/";
    private static readonly SearchValues<char> Plain = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_@");

    public static bool CanName(string id) =>
        !id.AsSpan().ContainsAnyExcept(Plain)
        || (!id.Contains('/')
            && Uri.TryCreate(Base + id, UriKind.Absolute, out var address)
            && address.Query.Length == 0
            && address.Fragment.Length == 0
            && Uri.UnescapeDataString(address.AbsolutePath) == string.Concat("/docs/", id));
}
