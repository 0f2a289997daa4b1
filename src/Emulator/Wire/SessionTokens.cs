using System.Globalization;

namespace Lookup.Emulator.Wire;

/// <summary>
/// The format of session tokens: a physical range and the LSN that the session has observed there, such as <c>0:-1#42</c>.
/// Several tokens are separated by commas.
/// </summary>
internal static class SessionTokens
{
    public static string Format(string rangeId, string lsn) => $"{rangeId}:-1#{lsn}";

    /// <summary>
    /// Returns the highest LSN that the token contains for any of the ranges, or 0 if it contains none.
    /// Callers pass a range together with the ranges that it was split or merged from, because its LSNs continue theirs.
    /// </summary>
    public static long HighestLsn(string token, IReadOnlyCollection<string> rangeIds)
    {
        var highest = 0L;
        foreach (var part in token.AsSpan().Split(','))
        {
            var one = token.AsSpan(part);
            var colon = one.IndexOf(':');
            if (colon < 0 || !Contains(rangeIds, one[..colon])) continue;
            // The format is version#global[#region=local…], or the LSN alone in the oldest form.
            var fields = one[(colon + 1)..];
            var hash = fields.IndexOf('#');
            var lsnText = hash < 0 ? fields : fields[(hash + 1)..];
            var next = lsnText.IndexOf('#');
            if (next >= 0) lsnText = lsnText[..next];
            if (!long.TryParse(lsnText, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var lsn))
                throw CosmosErrorException.BadRequest($"The session token '{token}' is not valid; a token has the format 0:-1#42.");
            highest = Math.Max(highest, lsn);
        }

        return highest;
    }

    private static bool Contains(IReadOnlyCollection<string> rangeIds, ReadOnlySpan<char> id)
    {
        foreach (var rangeId in rangeIds)
        {
            if (id.SequenceEqual(rangeId)) return true;
        }

        return false;
    }
}
