using Lookup.Soak.Churn;

namespace Lookup.Soak.Tests;

public sealed class VerdictTests
{
    [Fact]
    public void Steady_growth_is_detected()
    {
        var verdict = Verdict.Of("handles", [.. Enumerable.Range(0, 300).Select(i => 100 + (i * 0.5))], share: 0.05, more: 16);

        Assert.True(verdict.HasGrown);
    }

    [Fact]
    public void Growth_during_warm_up_and_variation_afterwards_are_not_growth()
    {
        var verdict = Verdict.Of("handles", [.. Enumerable.Range(0, 300).Select(i => i < 60 ? i * 2.0 : 120 + (i % 7))], share: 0.05, more: 16);

        Assert.False(verdict.HasGrown);
    }

    [Theory]
    [InlineData(4.0, false)]
    [InlineData(4.1, true)]
    public void Quantity_with_a_limit_may_vary_below_it(double peak, bool hasGrown)
    {
        var verdict = Verdict.Below("cache", [.. Enumerable.Range(0, 300).Select(i => i == 290 ? peak : i % 4)], limit: 4);

        Assert.Equal((3, peak, hasGrown), (verdict.First, verdict.Last, verdict.HasGrown));
    }

    [Fact]
    public void Single_peak_is_not_growth()
    {
        var verdict = Verdict.Of("handles", [.. Enumerable.Range(0, 300).Select(i => i is > 280 and < 290 ? 5000.0 : 100)], share: 0, more: 0);

        Assert.False(verdict.HasGrown);
    }
}
