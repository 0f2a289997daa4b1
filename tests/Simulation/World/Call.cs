using Lookup.Simulation.Engine;

namespace Lookup.Simulation.World;

/// <summary>One request of an instance over the network, until its answer arrives or it is given up.</summary>
internal sealed class Call<T>
{
    private readonly TaskCompletionSource<T> _response = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Machine _machine;
    private readonly Action<bool> _ended;
    private readonly CancellationTokenRegistration _registration;

    /// <param name="machine">Who waits for the answer.</param>
    /// <param name="ended">Hears of the end, and whether it was that nobody waits any more.</param>
    /// <param name="cancellationToken">Gives the call up.</param>
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

    /// <summary>The answer arrives at the machine: it is taken in when the machine runs, and first what the SDK learns from it.</summary>
    public void Arrive(T response, Action received) => _machine.Post(() =>
    {
        if (_response.Task.IsCompleted)
            return;

        received();
        End();
        _response.TrySetResult(response);
    });

    /// <summary>A part of the answer arrives, likewise.</summary>
    /// <param name="received">Takes the part in, and says whether it was the last.</param>
    public void ArriveInPart(Func<bool> received) => _machine.Post(() =>
    {
        if (_response.Task.IsCompleted || !received())
            return;

        End();
        _response.TrySetResult(default!);
    });

    public void Arrive(Exception failure) => _machine.Post(() =>
    {
        if (_response.Task.IsCompleted)
            return;

        End();
        _response.TrySetException(failure);
    });

    private void End()
    {
        _registration.Dispose();
        _ended(false);
    }
}
