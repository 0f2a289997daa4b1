using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Lookup.Domain.Freshness;

namespace Lookup.Domain.Stores;

/// <summary>A session token of the store: for each of some partitions, the position that a client has written or read.</summary>
/// <remarks>
/// The format is that of Cosmos DB: <c>partition:version#globalLSN</c>, then any number of <c>#region=localLSN</c>; several partitions are
/// separated by commas.
/// </remarks>
public sealed class SessionToken
{
    /// <summary>The maximum length, in characters.</summary>
    public const int MaxLength = 8192;

    /// <summary>The error message for an invalid token. It describes the valid ones.</summary>
    public const string Rule =
        "A session token has at most 8192 characters and the form 'partition:version#globalLSN', followed by any number of '#region=localLSN',"
        + " such as '0:-1#42'. Several are separated by commas, each for another partition, without blanks. All of them are numbers.";

    private readonly Dictionary<string, LogPosition> _positions;

    private SessionToken(string text, Dictionary<string, LogPosition> positions)
    {
        Text = text;
        _positions = positions;
    }

    /// <summary>Gets the token as it was parsed. It consists of digits and the characters <c>:#=-,</c>.</summary>
    public string Text { get; }

    /// <summary>Parses a token.</summary>
    /// <returns><see langword="false"/> if the text violates <see cref="Rule"/>.</returns>
    public static bool TryParse(string? text, [NotNullWhen(true)] out SessionToken? token)
    {
        token = null;
        if (string.IsNullOrEmpty(text) || text.Length > MaxLength)
            return false;

        var positions = new Dictionary<string, LogPosition>(StringComparer.Ordinal);
        foreach (var range in text.AsSpan().Split(','))
        {
            if (!TryParsePart(text.AsSpan(range), out var position) || !positions.TryAdd(position.Partition!.Id, position))
                return false;
        }

        token = new SessionToken(text, positions);
        return true;
    }

    /// <summary>Determines whether a state at a position is proven to be not older than the session.</summary>
    public bool IsReflectedBy(LogPosition position) => TryGet(position, out var required) && position.Lsn >= required.Lsn;

    /// <summary>
    /// Determines whether the token can be compared with a position: it has one in the same partition, of the same version. If it has not,
    /// the partition may be one that was split from a partition in the token.
    /// </summary>
    public bool IsComparableWith(LogPosition position) => TryGet(position, out _);

    /// <summary>Finds the position in the same partition of the same version. A token does not say which log it belongs to.</summary>
    private bool TryGet(LogPosition position, out LogPosition required)
    {
        required = default;
        return position.Partition is { } partition
            && _positions.TryGetValue(partition.Id, out required)
            && required.Partition!.Version == partition.Version;
    }

    private static bool TryParsePart(ReadOnlySpan<char> part, out LogPosition position)
    {
        position = default;
        var colon = part.IndexOf(':');
        if (colon < 0 || !IsNumber(part[..colon], out _))
            return false;

        var id = part[..colon].ToString();
        long? version = null, lsn = null;
        foreach (var range in part[(colon + 1)..].Split('#'))
        {
            var field = part[(colon + 1)..][range];
            if (version is null)
            {
                if (field is "-1")
                    version = -1;
                else if (IsNumber(field, out var number))
                    version = number;
                else
                    return false;
            }
            else if (lsn is null)
            {
                if (!IsNumber(field, out var number))
                    return false;
                lsn = number;
            }
            else
            {
                // The LSN of a region is not compared: the global one is the order of writes.
                var equals = field.IndexOf('=');
                if (equals < 0 || !IsNumber(field[..equals], out _) || !IsNumberOrMinusOne(field[(equals + 1)..]))
                    return false;
            }
        }

        if (version is null || lsn is null)
            return false;
        position = new LogPosition(new LogPartition(id, version.Value), lsn.Value);
        return true;
    }

    private static bool IsNumberOrMinusOne(ReadOnlySpan<char> text) => text is "-1" || IsNumber(text, out _);

    private static bool IsNumber(ReadOnlySpan<char> text, out long number)
    {
        // The framework accepts NUL characters at the end of a number.
        number = 0;
        return !text.ContainsAnyExceptInRange('0', '9') && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }
}
