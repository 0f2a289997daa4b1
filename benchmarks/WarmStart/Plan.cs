namespace Lookup.Benchmarks.WarmStart;

/// <summary>The settings of the measurement.</summary>
/// <param name="WarmUp">The time for which the first instances have lookups before the last one starts.</param>
/// <param name="Time">The time that is measured.</param>
/// <param name="LookupsPerSecond">The rate of lookups of all instances together.</param>
/// <param name="ChangesPerSecond">The rate of changes of random users.</param>
/// <param name="FeedMode">The mode of the feed.</param>
internal sealed record Plan(TimeSpan WarmUp, TimeSpan Time, int LookupsPerSecond, int ChangesPerSecond, string FeedMode)
{
    /// <summary>The number of users, which are looked up by Zipf's law.</summary>
    public const int Users = 10_000;

    /// <summary>The exponent of Zipf's law.</summary>
    public const double Exponent = 0.9;

    /// <summary>The number of feed ranges.</summary>
    public const int Ranges = 4;

    /// <summary>The number of instances before the one that is measured starts.</summary>
    public const int WarmInstances = 3;

    public static IReadOnlyList<Variant> Variants { get; } =
    [
        new("no tier", HasTier: false, HasSnapshots: false),
        new("tier without snapshots", HasTier: true, HasSnapshots: false),
        new("tier with snapshots", HasTier: true, HasSnapshots: true),
    ];

    /// <summary>Gets an error message, or <see langword="null"/> if all values are in their ranges.</summary>
    public string? Problem => (WarmUp.TotalSeconds, Time.TotalSeconds, LookupsPerSecond, ChangesPerSecond) switch
    {
        ( < 30 or > 3600, _, _, _) => $"--warm-up is {WarmUp.TotalSeconds}; it must be 30 to 3600, because a snapshot is written every 15 s.",
        (_, < 20 or > 600, _, _) => $"--seconds is {Time.TotalSeconds}; it must be 20 to 600.",
        (_, _, < 10 or > 2000, _) => $"--lookups is {LookupsPerSecond}; it must be 10 to 2000.",
        (_, _, _, < 0 or > 1000) => $"--changes is {ChangesPerSecond}; it must be 0 to 1000.",
        _ => null,
    };
}

/// <summary>One of the compared configurations.</summary>
/// <param name="Name">Its name.</param>
/// <param name="HasTier">A value that indicates whether the instances share a tier.</param>
/// <param name="HasSnapshots">A value that indicates whether the instance that starts loads the snapshot in the tier.</param>
internal sealed record Variant(string Name, bool HasTier, bool HasSnapshots);

/// <summary>The state of the instance that starts, at one time.</summary>
/// <param name="At">The time since its start.</param>
/// <param name="Lookups">The number of lookups.</param>
/// <param name="ReadLookups">The number of lookups that waited for a read of the store.</param>
/// <param name="Reads">The number of reads of the store.</param>
/// <param name="Accepted">The number of entries of the tier that saved a read.</param>
/// <param name="Missing">The number of users for which the tier had no entry.</param>
/// <param name="Refused">The number of entries that were not proven to be current.</param>
/// <param name="Failures">The number of calls of the tier that failed or took too long.</param>
internal sealed record Sample(TimeSpan At, long Lookups, long ReadLookups, long Reads, long Accepted, long Missing, long Refused, long Failures);

/// <summary>The start of one instance.</summary>
/// <param name="Variant">The configuration.</param>
/// <param name="Samples">A sample for each second, beginning with that of the start.</param>
/// <param name="ArmedAfter">The time from the start until all feed ranges were armed, or <see langword="null"/> if they were not.</param>
/// <param name="Distinct">The number of different users that were looked up.</param>
internal sealed record StartResult(Variant Variant, IReadOnlyList<Sample> Samples, TimeSpan? ArmedAfter, int Distinct)
{
    /// <summary>Returns the last sample that is not later than a time.</summary>
    public Sample SampleAt(double seconds) => Samples.Last(sample => sample.At.TotalSeconds <= seconds + 0.5 || sample == Samples[0]);

    /// <summary>Returns the share of the lookups between two times that needed no read of the store.</summary>
    public double HitShare(double from, double to)
    {
        var (first, last) = (SampleAt(from), SampleAt(to));
        var lookups = last.Lookups - first.Lookups;
        return lookups == 0 ? 0 : 1 - ((double)(last.ReadLookups - first.ReadLookups) / lookups);
    }
}
