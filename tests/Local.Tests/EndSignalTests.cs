using Microsoft.Extensions.Time.Testing;

namespace Lookup.Local.Tests;

/// <summary>The end of the program: in order where that is quick, and within two seconds where it is not.</summary>
public sealed class ShutdownSignalTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(2);

    private readonly FakeTimeProvider _time = new();
    private readonly List<int> _exits = [];

    [Fact]
    public void Begin_cancels_and_ends_the_process_when_the_rest_has_not_ended_within_two_seconds()
    {
        using var end = new ShutdownSignal(_time, _exits.Add);
        _time.Advance(TimeSpan.FromDays(1));
        Assert.False(end.Token.IsCancellationRequested);

        end.Begin();

        Assert.True(end.Token.IsCancellationRequested);
        Assert.Empty(_exits);
        _time.Advance(Bound);
        Assert.Equal([0], _exits);
    }

    [Fact]
    public void Begin_when_the_rest_ends_in_time_leaves_the_end_to_it()
    {
        using (var end = new ShutdownSignal(_time, _exits.Add))
        {
            end.Begin();
            _time.Advance(Bound / 2);
        }

        _time.Advance(Bound);

        Assert.Empty(_exits);
    }
}
