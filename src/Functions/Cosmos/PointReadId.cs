using System.Buffers;

namespace Lookup.Functions.Cosmos;

/// <summary>Says which ids a point read can name.</summary>
/// <remarks>
/// The client puts an id into an address without encoding it first. There <c>%41</c> becomes <c>A</c>, <c>..</c> becomes the container
/// and a blank at the end is lost: another item than was asked for. Such ids are read by a query, where they are a parameter.
/// </remarks>
internal static class PointReadId
{
    private const string Base = "http://store/docs/";
    private static readonly SearchValues<char> Plain = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_@");

    public static bool CanName(string id) =>
        !id.AsSpan().ContainsAnyExcept(Plain)
        || (Uri.TryCreate(Base + id, UriKind.Absolute, out var address)
            && address.Query.Length == 0
            && address.Fragment.Length == 0
            && Uri.UnescapeDataString(address.AbsolutePath) == string.Concat("/docs/", id));
}
