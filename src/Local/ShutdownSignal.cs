using System.Runtime.InteropServices;

namespace Lookup.Local;

/// <summary>
/// The shutdown signal: Ctrl-C, SIGTERM and SIGQUIT request cancellation, so that the run stops gracefully. If it does not stop in time,
/// the process exits.
/// </summary>
internal sealed class ShutdownSignal : IDisposable
{
    // The process must end within two seconds, and the exit itself takes some of them.
    private static readonly TimeSpan ExitTimeout = TimeSpan.FromSeconds(1.7);

    private readonly CancellationTokenSource _cancellation = new();
    private readonly PosixSignalRegistration[] _registrations;
    private readonly ITimer _exitTimer;

    public ShutdownSignal(TimeProvider time)
        : this(time, Environment.Exit)
    {
    }

    /// <param name="time">The clock.</param>
    /// <param name="exit">Exits the process immediately with an exit code.</param>
    internal ShutdownSignal(TimeProvider time, Action<int> exit)
    {
        _exitTimer = time.CreateTimer(_ => exit(0), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _registrations = [Listen(PosixSignal.SIGINT), Listen(PosixSignal.SIGTERM), Listen(PosixSignal.SIGQUIT)];
    }

    public CancellationToken Token => _cancellation.Token;

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _exitTimer.Dispose();
        _cancellation.Dispose();
    }

    /// <summary>Begins the shutdown, as a signal does.</summary>
    internal void Begin()
    {
        _exitTimer.Change(ExitTimeout, Timeout.InfiniteTimeSpan);
        _cancellation.Cancel();
    }

    private PosixSignalRegistration Listen(PosixSignal signal) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        Begin();
    });
}
