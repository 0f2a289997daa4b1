using Lookup.Benchmarks.Http.Reporting;

namespace Lookup.Benchmarks.Http.Misses;

/// <summary>Where the time of a miss goes, from the caller's asking to the caller's going on.</summary>
internal sealed class Stages(ServiceStack stack)
{
    private readonly List<double>[] _times = [[], [], [], [], []];
    private int _others;

    /// <summary>Makes one miss and notes its stages.</summary>
    public async Task NoteAsync(Func<Task> miss)
    {
        var asked = TimeProvider.System.GetTimestamp();
        await miss();
        var answered = TimeProvider.System.GetTimestamp();
        if (Environment.CurrentManagedThreadId != stack.Sent.Thread)
            _others++;

        long[] marks = [asked, stack.Asked.Began, stack.Sent.Began, stack.Sent.Ended, stack.Asked.Ended, answered];
        for (var i = 0; i < _times.Length; i++)
            _times[i].Add(TimeProvider.System.GetElapsedTime(marks[i], marks[i + 1]).TotalMicroseconds);
    }

    public void Forget()
    {
        _others = 0;
        foreach (var times in _times)
            times.Clear();
    }

    public override string ToString()
    {
        var medians = _times.Select(times => Spread.Of(times).Median).ToArray();
        return FormattableString.Invariant(
            $"Stages of such a miss, medians: in the cache before the read {medians[0]:0.0} µs, in guard and counters {medians[1]:0.0} µs, ")
            + FormattableString.Invariant(
            $"in the adapter {medians[2]:0} µs, back through counters and guard {medians[3]:0.0} µs, through the cache until the caller goes on {medians[4]:0.0} µs; ")
            + FormattableString.Invariant($"{100.0 * _others / _times[0].Count:0} % of the callers went on in another thread than the answer came in.");
    }
}
