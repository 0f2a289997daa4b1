using Lookup.Functions.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Lookup.Host.Tests;

public sealed class ParentWatchTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly Lifetime _lifetime = new();
    private readonly List<int> _exits = [];
    private readonly Log _log = new();
    private readonly ParentWatch _watch;
    private int _parent = 42;

    public ParentWatchTests() =>
        _watch = new ParentWatch(() => _parent, _exits.Add, _lifetime, _time, _log);

    [Fact]
    public async Task Parent_that_stays_and_sends_requests_keeps_the_process_running()
    {
        await _watch.StartAsync(Cancel.Token);
        _watch.NoteHost();
        _time.Advance(TimeSpan.FromHours(1));
        Assert.False(_lifetime.ApplicationStopping.IsCancellationRequested);
        Assert.Empty(_exits);
    }

    [Fact]
    public async Task Parent_that_is_gone_stops_the_process_and_ends_it_when_stopping_takes_too_long()
    {
        await _watch.StartAsync(Cancel.Token);
        _parent = 1;
        _time.Advance(ParentWatch.Interval);
        Assert.True(_lifetime.ApplicationStopping.IsCancellationRequested);

        await _watch.StopAsync(Cancel.Token);
        _time.Advance(ParentWatch.Grace - TimeSpan.FromMilliseconds(1));
        Assert.Empty(_exits);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal([3], _exits);
        Assert.Equal([1401], _log.Events);
    }

    [Fact]
    public async Task Parent_that_stays_but_has_ended_the_stream_stops_the_process_and_ends_it_when_stopping_takes_too_long()
    {
        await _watch.StartAsync(Cancel.Token);
        _watch.Disconnected();
        Assert.True(_lifetime.ApplicationStopping.IsCancellationRequested);

        await _watch.StopAsync(Cancel.Token);
        _time.Advance(ParentWatch.Grace);
        Assert.Equal([3], _exits);
        Assert.Equal([1404], _log.Events);
    }

    [Fact]
    public async Task Stream_that_ends_after_the_process_began_to_stop_does_not_interrupt_the_drain()
    {
        await _watch.StartAsync(Cancel.Token);
        _lifetime.StopApplication();
        _watch.Disconnected();
        await _watch.StopAsync(Cancel.Token);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Empty(_exits);
    }

    [Fact]
    public async Task Parent_without_a_request_in_the_first_minute_is_treated_as_gone()
    {
        await _watch.StartAsync(Cancel.Token); // the parent's id already belongs to another process, and stays the same
        _time.Advance(ParentWatch.Silence - ParentWatch.Interval);
        Assert.False(_lifetime.ApplicationStopping.IsCancellationRequested);
        _time.Advance(ParentWatch.Interval);
        Assert.True(_lifetime.ApplicationStopping.IsCancellationRequested);

        await _watch.StopAsync(Cancel.Token);
        _time.Advance(ParentWatch.Grace);
        Assert.Equal([3], _exits);
        Assert.Equal([1403], _log.Events);
    }

    [Fact]
    public async Task Parent_that_ends_after_the_process_began_to_stop_does_not_interrupt_the_drain()
    {
        await _watch.StartAsync(Cancel.Token);
        await _watch.StopAsync(Cancel.Token);
        _parent = 1;
        _time.Advance(TimeSpan.FromHours(1));
        Assert.False(_lifetime.ApplicationStopping.IsCancellationRequested);
        Assert.Empty(_exits);
    }

    public void Dispose()
    {
        _watch.Dispose();
        _lifetime.Dispose();
    }

    private sealed class Lifetime : IHostApplicationLifetime, IDisposable
    {
        private readonly CancellationTokenSource _stopping = new();

        public CancellationToken ApplicationStarted => CancellationToken.None;

        public CancellationToken ApplicationStopping => _stopping.Token;

        public CancellationToken ApplicationStopped => CancellationToken.None;

        public void StopApplication() => _stopping.Cancel();

        public void Dispose() => _stopping.Dispose();
    }

    private sealed class Log : ILogger<ParentWatch>
    {
        public List<int> Events { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Events.Add(eventId.Id);
    }
}
