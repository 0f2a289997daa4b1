using System.Globalization;
using Lookup.Emulator.Wire;

namespace Lookup.Emulator.Storage;

/// <summary>
/// A position in the log of a physical range. It is created once for each write, so that reads do not format the header values again.
/// </summary>
internal sealed class RangePosition(string rangeId, long lsn)
{
    public string RangeId { get; } = rangeId;

    public long Lsn { get; } = lsn;

    public string LsnText => field ??= Lsn.ToString(CultureInfo.InvariantCulture);

    public string SessionToken => field ??= SessionTokens.Format(RangeId, LsnText);
}
