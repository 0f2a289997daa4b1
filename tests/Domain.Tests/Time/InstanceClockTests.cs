using Lookup.Domain.Time;

namespace Lookup.Domain.Tests.Time;

public sealed class InstanceClockTests
{
    private readonly TwoClocks _time = new();

    [Fact]
    public void Now_advances_with_both_clocks()
    {
        var clock = new InstanceClock(_time);
        _time.Move(TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(3));

        Assert.Equal(TimeSpan.FromSeconds(3).Ticks, clock.Now);
    }

    [Fact]
    public void Now_includes_a_suspension_that_only_the_wall_clock_shows()
    {
        var clock = new InstanceClock(_time);
        _time.Move(TimeSpan.Zero, TimeSpan.FromMinutes(10));

        Assert.Equal(TimeSpan.FromMinutes(10).Ticks, clock.Now);
        Assert.Equal(TimeSpan.FromMinutes(10).Ticks, clock.Now);
    }

    [Fact]
    public void Now_ignores_a_wall_clock_set_back_and_includes_a_later_suspension()
    {
        var clock = new InstanceClock(_time);
        _time.Move(TimeSpan.FromSeconds(1), TimeSpan.FromHours(-1));
        Assert.Equal(TimeSpan.FromSeconds(1).Ticks, clock.Now);

        _time.Move(TimeSpan.Zero, TimeSpan.FromMinutes(10));
        Assert.Equal(TimeSpan.FromMinutes(10).Ticks + TimeSpan.FromSeconds(1).Ticks, clock.Now);
    }

    [Fact]
    public void Now_does_not_count_the_time_between_its_two_readings_twice()
    {
        var clock = new InstanceClock(_time);
        for (var i = 0; i < 1000; i++)
        {
            // On every call, the thread is preempted after the first reading.
            _time.AfterWall = () => _time.Move(TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(20));
            _ = clock.Now;
            _time.AfterWall = null;
        }

        Assert.Equal(_time.Monotonic, TimeSpan.FromTicks(clock.Now));
    }

    [Fact]
    public void Now_never_goes_back_while_threads_race_and_clocks_jump()
    {
        var clock = new InstanceClock(_time);
        var readers = Enumerable.Range(0, 4).Select(_ => new Thread(() =>
        {
            long last = 0;
            for (var i = 0; i < 200_000; i++)
            {
                var now = clock.Now;
                Assert.True(now >= last, $"{now} after {last}");
                last = now;
            }
        })).ToList();
        readers.ForEach(reader => reader.Start());
        for (var i = 0; i < 20_000; i++)
            _time.Move(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(i % 100 - 40));
        readers.ForEach(reader => reader.Join());
    }

    [Fact]
    public void CoarseNow_is_never_lower_than_Now()
    {
        var clock = new InstanceClock(_time);
        var moves = new (double Monotonic, double Wall)[] { (3, 3), (0, 600_000), (7, 7), (1, -9), (2, -3_600_000), (4, 4), (30, 11), (0, 5) };
        foreach (var (monotonic, wall) in moves)
        {
            _time.Move(TimeSpan.FromMilliseconds(monotonic), TimeSpan.FromMilliseconds(wall));
            var coarse = clock.CoarseNow;
            var now = clock.Now;

            Assert.InRange(coarse, now, now + 2 * (InstanceClock.Coarseness + TimeSpan.TicksPerMillisecond));
        }
    }

    /// <summary>A monotonic clock and a wall clock that are advanced independently, and a coarse clock with a tick of 10 ms.</summary>
    private sealed class TwoClocks : TimeProvider, ICoarseClock
    {
        public long Ticks => Volatile.Read(ref _monotonic) / (10 * TimeSpan.TicksPerMillisecond) * (10 * TimeSpan.TicksPerMillisecond);

        private long _monotonic;
        private long _wall = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero).Ticks;

        public Action? AfterWall { get; set; }

        public TimeSpan Monotonic => TimeSpan.FromTicks(Volatile.Read(ref _monotonic));

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Move(TimeSpan monotonic, TimeSpan wall)
        {
            Interlocked.Add(ref _monotonic, monotonic.Ticks);
            Interlocked.Add(ref _wall, wall.Ticks);
        }

        public override long GetTimestamp() => Volatile.Read(ref _monotonic);

        public override DateTimeOffset GetUtcNow()
        {
            var now = new DateTimeOffset(Volatile.Read(ref _wall), TimeSpan.Zero);
            AfterWall?.Invoke();
            return now;
        }
    }
}
