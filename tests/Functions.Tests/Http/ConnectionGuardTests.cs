using System.IO.Pipelines;
using Lookup.Functions.Http;
using Lookup.Support;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace Lookup.Functions.Tests.Http;

/// <summary>The times after which the guard closes a connection, whatever the server does with it.</summary>
public sealed class ConnectionGuardTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Silent_connection_is_closed_after_five_seconds()
    {
        var connection = new Connection(Ordinary());

        _time.Advance(ConnectionGuard.FirstByteTimeout - Tick);
        Assert.False(connection.IsAborted);
        _time.Advance(Tick);

        await connection.IsLeftAsync();
        Assert.True(connection.IsAborted);
    }

    [Fact]
    public async Task Connection_that_has_sent_a_byte_is_left_to_the_limits_of_the_server()
    {
        var connection = new Connection(Ordinary());
        await connection.SendAsync();

        _time.Advance(TimeSpan.FromHours(1));

        Assert.False(connection.IsAborted);
        await connection.EndAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Connection_of_the_reserve_that_has_sent_no_head_is_closed_after_a_second(bool hasSentByte)
    {
        var connection = new Connection(HealthOnly());
        if (hasSentByte)
            await connection.SendAsync();

        _time.Advance(ConnectionGuard.ReserveHeadTimeout - Tick);
        Assert.False(connection.IsAborted);
        _time.Advance(Tick);

        Assert.True(connection.IsAborted);
        await connection.EndAsync();
    }

    [Fact]
    public async Task Connection_of_the_reserve_is_closed_after_three_seconds_even_while_it_is_served()
    {
        var connection = new Connection(HealthOnly());
        await connection.SendAsync();
        Assert.True(connection.ArrivesForHealthOnly());

        _time.Advance(ConnectionGuard.MaxHealthRequestTime - Tick);
        Assert.False(connection.IsAborted);
        _time.Advance(Tick);

        Assert.True(connection.IsAborted);
        await connection.EndAsync();
    }

    [Fact]
    public async Task Connection_of_the_reserve_that_has_ended_is_not_closed_again()
    {
        var connection = new Connection(HealthOnly());
        await connection.SendAsync();
        await connection.EndAsync();

        _time.Advance(ConnectionGuard.MaxHealthRequestTime);

        Assert.False(connection.IsAborted);
    }

    private ConnectionGuard Ordinary() => new(1, 1, _time);

    private ConnectionGuard HealthOnly() => new(0, 0, _time);

    /// <summary>A connection that the server serves until the test ends it.</summary>
    private sealed class Connection : DefaultConnectionContext
    {
        private readonly TaskCompletionSource _served = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Pipe _input = new();
        private readonly Task _run;

        public Connection(ConnectionGuard guard)
        {
            Transport = new Duplex(_input.Reader);
            _run = guard.RunAsync(this, _ =>
            {
                _served.SetResult();
                return _end.Task;
            });
        }

        public bool IsAborted { get; private set; }

        /// <summary>Sends a byte, and waits until the server serves the connection.</summary>
        public async Task SendAsync()
        {
            await _input.Writer.WriteAsync("G"u8.ToArray(), Cancel.Token);
            await Eventually.EndsAsync(_served.Task, "the server serves the connection");
        }

        /// <summary>Determines whether the guard limits a request on this connection to health.</summary>
        public bool ArrivesForHealthOnly()
        {
            var context = new DefaultHttpContext();
            context.Features.Set<IConnectionItemsFeature>(this);
            return ConnectionGuard.IsForHealthOnly(context);
        }

        public override void Abort(ConnectionAbortedException abortReason) => IsAborted = true;

        public async Task EndAsync()
        {
            _end.TrySetResult();
            await _input.Writer.CompleteAsync();
            await IsLeftAsync();
        }

        /// <summary>Waits until the guard has finished with the connection.</summary>
        public Task IsLeftAsync() => Eventually.EndsAsync(_run, "the guard has ended");
    }

    private sealed class Duplex(PipeReader input) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => throw new NotSupportedException();
    }
}
