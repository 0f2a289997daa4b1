using System.Runtime.InteropServices;

namespace Lookup.Local;

/// <summary>
/// Turns Ctrl-C and SIGTERM into a cancellation, so that everything is stopped in order; what is not stopped in time is left behind.
/// </summary>
internal sealed class ShutdownSignal : IDisposable
{
    // The promise is two seconds; the process itself takes a little to go.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1.7);

    private readonly CancellationTokenSource _ended = new();
    private readonly PosixSignalRegistration[] _registrations;
    private readonly ITimer _lastResort;

    public ShutdownSignal(TimeProvider time)
        : this(time, Environment.Exit)
    {
    }

    /// <param name="time">The clock.</param>
    /// <param name="exit">Ends the process at once, with an exit code.</param>
    internal ShutdownSignal(TimeProvider time, Action<int> exit)
    {
        _lastResort = time.CreateTimer(_ => exit(0), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _registrations = [Listen(PosixSignal.SIGINT), Listen(PosixSignal.SIGTERM), Listen(PosixSignal.SIGQUIT)];
    }

    public CancellationToken Token => _ended.Token;

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _lastResort.Dispose();
        _ended.Dispose();
    }

    /// <summary>Begins the end, as a signal does.</summary>
    internal void Begin()
    {
        _lastResort.Change(Patience, Timeout.InfiniteTimeSpan);
        _ended.Cancel();
    }

    private PosixSignalRegistration Listen(PosixSignal signal) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        Begin();
    });
}
