using System.Globalization;

namespace Lookup.Emulator.Wire;

/// <summary>
/// Session tokens name a physical range and how far the session has seen it: <c>0:-1#42</c>, several joined by commas.
/// </summary>
internal static class SessionTokens
{
    public static string Format(string rangeId, string lsn) => $"{rangeId}:-1#{lsn}";

    /// <summary>
    /// The highest LSN that the token states for any of the ranges; 0 when it states none.
    /// A range is asked for together with those it was split from, since its LSNs go on where theirs ended.
    /// </summary>
    public static long HighestLsn(string token, IReadOnlyCollection<string> rangeIds)
    {
        var highest = 0L;
        foreach (var part in token.AsSpan().Split(','))
        {
            var one = token.AsSpan(part);
            var colon = one.IndexOf(':');
            if (colon < 0 || !Contains(rangeIds, one[..colon])) continue;
            // version#global[#region=local…], or in the oldest form the LSN alone
            var fields = one[(colon + 1)..];
            var hash = fields.IndexOf('#');
            var lsnText = hash < 0 ? fields : fields[(hash + 1)..];
            var next = lsnText.IndexOf('#');
            if (next >= 0) lsnText = lsnText[..next];
            if (!long.TryParse(lsnText, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var lsn))
                throw CosmosErrorException.BadRequest($"The session token '{token}' is invalid: a token looks like 0:-1#42.");
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
