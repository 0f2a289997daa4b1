using Microsoft.Extensions.Time.Testing;

namespace Lookup.Local.Tests;

/// <summary>Tests that the program shuts down gracefully if that is fast, and exits within two seconds otherwise.</summary>
public sealed class ShutdownSignalTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(2);

    private readonly FakeTimeProvider _time = new();
    private readonly List<int> _exits = [];

    [Fact]
    public void Begin_cancels_and_exits_if_the_program_has_not_ended_within_two_seconds()
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
    public void Begin_does_not_exit_if_the_program_ends_in_time()
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
