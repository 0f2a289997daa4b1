using Lookup.Simulation.Engine;

namespace Lookup.Simulation.World;

/// <summary>One request of an instance over the network, until its response arrives or it is canceled.</summary>
internal sealed class Call<T>
{
    private readonly TaskCompletionSource<T> _response = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Machine _machine;
    private readonly Action<bool> _ended;
    private readonly CancellationTokenRegistration _registration;

    /// <param name="machine">The machine that waits for the response.</param>
    /// <param name="ended">The callback at the end of the call. Its argument indicates whether the call was canceled.</param>
    /// <param name="cancellationToken">The cancellation token of the call.</param>
    public Call(Machine machine, Action<bool> ended, CancellationToken cancellationToken)
    {
        _machine = machine;
        _ended = ended;
        _registration = cancellationToken.UnsafeRegister(
            static (state, token) =>
            {
                var call = (Call<T>)state!;
                if (call._response.TrySetCanceled(token))
                    call._ended(true);
            },
            this);
    }

    public ValueTask<T> Response => new(_response.Task);

    /// <summary>
    /// Delivers the response to the machine. It is processed when the machine runs, beginning with the state that the SDK updates.
    /// </summary>
    public void Arrive(T response, Action received) => _machine.Post(() =>
    {
        if (_response.Task.IsCompleted)
            return;

        received();
        End();
        _response.TrySetResult(response);
    });

    /// <summary>Delivers a part of the response in the same way.</summary>
    /// <param name="received">The callback that processes the part and returns whether it was the last one.</param>
    public void ArriveInPart(Func<bool> received) => _machine.Post(() =>
    {
        if (_response.Task.IsCompleted || !received())
            return;

        End();
        _response.TrySetResult(default!);
    });

    public void Arrive(Exception failure, Action? received = null) => _machine.Post(() =>
    {
        if (_response.Task.IsCompleted)
            return;

        received?.Invoke();
        End();
        _response.TrySetException(failure);
    });

    private void End()
    {
        _registration.Dispose();
        _ended(false);
    }
}
