using Lookup.Soak.Checking;
using Lookup.Soak.Fleet;

namespace Lookup.Soak.Load;

/// <summary>
/// The writers, which change users in the store. Each user has a single writer, so its versions only increase. A write whose outcome is
/// unknown is repeated.
/// </summary>
internal sealed class Writers(Population population, CosmosEndpoint endpoint, int seed)
{
    private const int Count = 6;

    private readonly SemaphoreSlim[] _turns = [.. Enumerable.Range(0, Count).Select(_ => new SemaphoreSlim(1, 1))];
    private long _written;

    public long Written => Interlocked.Read(ref _written);

    /// <summary>Gets or sets the target rate of changes.</summary>
    public int WritesPerSecond { get; set; } = 1;

    /// <summary>Writes the next version of every user. Call this only while no other write can start.</summary>
    public async Task WriteAllAsync(CancellationToken cancellationToken)
    {
        await Parallel.ForAsync(0, Count * 2, cancellationToken, async (part, token) =>
        {
            var random = new Random(HashCode.Combine(seed, part, 7));
            for (var user = part; user < population.Count; user += Count * 2)
                await WriteAsync(user, isAbsent: false, random, token);
        });
    }

    /// <summary>Changes users until canceled, at the rate of <see cref="WritesPerSecond"/>.</summary>
    public Task RunAsync(CancellationToken stopping) =>
        Task.WhenAll(Enumerable.Range(0, Count).Select(writer => Task.Run(() => RunOneAsync(writer, stopping), CancellationToken.None)));

    /// <summary>Waits until no write is in flight, and prevents new writes until the result is disposed.</summary>
    public async Task<IDisposable> PauseAsync(CancellationToken cancellationToken)
    {
        foreach (var turn in _turns)
            await turn.WaitAsync(cancellationToken);
        return new Release(_turns);
    }

    /// <summary>Records that all users are about to become absent. Call this only while writes are paused.</summary>
    /// <returns>The action to call when the absence is visible.</returns>
    public Action BeginLosingAll()
    {
        var lost = new List<(UserHistory History, int Version)>();
        foreach (var history in population.Histories)
        {
            if (!history.IsAbsent(history.Newest))
                lost.Add((history, history.Send(SoakClock.Now, isAbsent: true, -1)));
        }

        return () =>
        {
            foreach (var (history, version) in lost)
                history.Acknowledge(version, SoakClock.Now);
        };
    }

    private async Task RunOneAsync(int writer, CancellationToken stopping)
    {
        var random = new Random(HashCode.Combine(seed, writer));
        var due = SoakClock.Now;
        try
        {
            while (true)
            {
                var interval = TimeSpan.TicksPerSecond * Count / Math.Max(1, WritesPerSecond);
                due = Math.Max(due + interval, SoakClock.Now - interval);
                if (due > SoakClock.Now)
                    await Task.Delay(TimeSpan.FromTicks(due - SoakClock.Now), TimeProvider.System, stopping);
                await _turns[writer].WaitAsync(stopping);
                try
                {
                    var user = DrawUser(writer, random);
                    var history = population.Histories[user];
                    var isAbsent = Population.Toggles(user) && !history.IsAbsent(history.Newest) && random.Next(2) == 0;
                    await WriteAsync(user, isAbsent, random, stopping);
                }
                finally
                {
                    _turns[writer].Release();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
    }

    /// <summary>
    /// Draws one of the writer's own users. One write in five goes to the sixteenth of the users that most requests are for, and one in
    /// fifty to the users that are found by e-mail.
    /// </summary>
    private int DrawUser(int writer, Random random)
    {
        var range = random.Next(100) switch
        {
            < 2 when population.Findable > 0 => population.Findable,
            < 20 => population.Writable / 16,
            _ => population.Writable,
        };
        var user = (random.Next(range) / Count * Count) + writer;
        return user < population.Writable ? user : writer;
    }

    private async Task WriteAsync(int user, bool isAbsent, Random random, CancellationToken cancellationToken)
    {
        var history = population.Histories[user];
        var id = population.Ids[user];
        var address = isAbsent ? -1 : population.NextAddress(user, random);
        var version = history.Send(SoakClock.Now, isAbsent, address);
        while (true)
        {
            var isDone = isAbsent
                ? await endpoint.TryDeleteAsync(id, cancellationToken)
                : await endpoint.TryPutAsync(id, population.Body(user, version, address), cancellationToken);
            if (isDone)
                break;
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
        }

        history.Acknowledge(version, SoakClock.Now);
        Interlocked.Increment(ref _written);
    }

    private sealed class Release(SemaphoreSlim[] turns) : IDisposable
    {
        public void Dispose()
        {
            foreach (var turn in turns)
                turn.Release();
        }
    }
}
