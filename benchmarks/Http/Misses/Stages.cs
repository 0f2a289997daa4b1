using Lookup.Benchmarks.Http.Reporting;

namespace Lookup.Benchmarks.Http.Misses;

/// <summary>The stages of a miss and their durations, from the call to its continuation.</summary>
internal sealed class Stages(ServiceStack stack)
{
    private readonly List<double>[] _times = [[], [], [], [], []];
    private int _others;

    /// <summary>Runs one miss, and records its stages.</summary>
    public async Task NoteAsync(Func<Task> miss)
    {
        var asked = TimeProvider.System.GetTimestamp();
        await miss();
        var continued = TimeProvider.System.GetTimestamp();
        if (Environment.CurrentManagedThreadId != stack.Sent.Thread)
            _others++;

        long[] marks = [asked, stack.Asked.Began, stack.Sent.Began, stack.Sent.Ended, stack.Asked.Ended, continued];
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
            $"in the adapter {medians[2]:0} µs, back through counters and guard {medians[3]:0.0} µs, through the cache until the caller continues {medians[4]:0.0} µs; ")
            + FormattableString.Invariant($"{100.0 * _others / _times[0].Count:0} % of the callers continued on a thread other than the one that received the response.");
    }
}
