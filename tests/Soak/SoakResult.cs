using Lookup.Soak.Checking;
using Lookup.Soak.Faults;

namespace Lookup.Soak;

/// <summary>The results of a run.</summary>
internal sealed record SoakResult
{
    public required TimeSpan Took { get; init; }

    public required long Responses { get; init; }

    /// <summary>Gets the number of checked users, counted once for each response.</summary>
    public required long Checked { get; init; }

    public required long Written { get; init; }

    public required Tally Tally { get; init; }

    public required long ViolationCount { get; init; }

    public required IReadOnlyList<Violation> Violations { get; init; }

    public required TimeSpan GreatestStaleness { get; init; }

    public required TimeSpan MaxStaleness { get; init; }

    public required IReadOnlyList<FaultRecord> Faults { get; init; }

    public required IReadOnlyList<(long Start, long End)> Memory { get; init; }
}
