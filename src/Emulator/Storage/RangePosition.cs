using System.Globalization;
using Lookup.Emulator.Wire;

namespace Lookup.Emulator.Storage;

/// <summary>How far a physical range's log had come. Made once for each write, so that reads need not format its header values.</summary>
internal sealed class RangePosition(string rangeId, long lsn)
{
    public string RangeId { get; } = rangeId;

    public long Lsn { get; } = lsn;

    public string LsnText => field ??= Lsn.ToString(CultureInfo.InvariantCulture);

    public string SessionToken => field ??= SessionTokens.Format(RangeId, LsnText);
}
