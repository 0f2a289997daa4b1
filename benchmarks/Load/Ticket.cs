namespace Lookup.Benchmarks.Load;

/// <summary>One request of the schedule.</summary>
/// <param name="Number">Which of the workload's.</param>
/// <param name="DueAt">When it was to be sent, whether or not it could be; latencies are counted from here.</param>
/// <param name="Tally">Where it counts.</param>
internal readonly record struct Ticket(long Number, long DueAt, Tally Tally);
