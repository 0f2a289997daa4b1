using System.Runtime.InteropServices;

namespace Lookup.Local;

/// <summary>Turns Ctrl-C and SIGTERM into a cancellation, so that everything is stopped in order and the exit code is the run's own.</summary>
internal sealed class EndSignal : IDisposable
{
    private readonly CancellationTokenSource _ended = new();
    private readonly PosixSignalRegistration[] _registrations;

    public EndSignal() =>
        _registrations = [Listen(PosixSignal.SIGINT), Listen(PosixSignal.SIGTERM), Listen(PosixSignal.SIGQUIT)];

    public CancellationToken Token => _ended.Token;

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _ended.Dispose();
    }

    private PosixSignalRegistration Listen(PosixSignal signal) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        _ended.Cancel();
    });
}
