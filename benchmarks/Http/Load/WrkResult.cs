namespace Lookup.Benchmarks.Http.Load;

/// <summary>What one turn came to.</summary>
/// <param name="Requests">Answers, all of them proper.</param>
/// <param name="Duration">How long the turn took.</param>
/// <param name="BytesPerAnswer">Header and body, on average.</param>
/// <param name="P50">The median time from request to answer.</param>
/// <param name="P99">The time that 99 of 100 answers came within.</param>
/// <param name="Cpu">What the server took of the processors.</param>
internal sealed record WrkResult(long Requests, TimeSpan Duration, double BytesPerAnswer, TimeSpan P50, TimeSpan P99, TimeSpan Cpu)
{
    public double PerSecond => Requests / Duration.TotalSeconds;

    public double CpuMicroseconds => Cpu.TotalMicroseconds / Requests;
}
