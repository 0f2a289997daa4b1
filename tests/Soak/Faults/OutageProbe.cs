using System.Net;
using Lookup.Soak.Checking;
using Lookup.Soak.Fleet;

namespace Lookup.Soak.Faults;

/// <summary>
/// Asks one instance, while no store can be reached, for users that it has in memory: until the promise runs out they must be
/// answered to everybody, and after that to who accepts a stale answer.
/// </summary>
internal sealed class OutageProbe : IDisposable
{
    private static readonly TimeSpan LongestPreparation = TimeSpan.FromSeconds(15);

    private readonly World _world;
    private readonly ServiceInstance _instance;
    private readonly HttpClient _http;
    private readonly InstanceLife _life;
    private readonly long _preparedAt;
    private readonly long _promisedUntil;
    private long _lastPlain;
    private int _stale;

    private OutageProbe(World world, ServiceInstance instance, HttpClient http, long preparedAt, long promisedUntil)
    {
        (_world, _instance, _http, _preparedAt, _promisedUntil) = (world, instance, http, preparedAt, promisedUntil);
        _life = world.Lives[instance.Number];
    }

    /// <summary>Has the instance read the users that nobody changes, and learns until when the promise lets it give them.</summary>
    /// <returns>Null where the instance is in no state to promise anything.</returns>
    public static async Task<OutageProbe?> PrepareAsync(World world, ServiceInstance instance, CancellationToken cancellationToken)
    {
        var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{instance.Port}"), Timeout = TimeSpan.FromSeconds(100) };
        var preparedAt = SoakClock.Now;
        try
        {
            while (SoakClock.Now - preparedAt < LongestPreparation.Ticks)
            {
                if (await instance.FeedAsync(cancellationToken) is not { IsArmed: true } before)
                    break;

                // An earlier write may still be on its way in the feed: a poll that was sent after these reads has shown it, and it has evicted.
                var areRead = await AskForAllAsync("no-cache");
                var readAt = SoakClock.Now;
                while (areRead && SoakClock.Now - preparedAt < LongestPreparation.Ticks
                    && await instance.FeedAsync(cancellationToken) is { ConfirmedAge: { } age } after && after.Epoch == before.Epoch)
                {
                    // What is still there was read while the feed covered it, so it is as fresh as the feed's last confirmation.
                    var confirmedAt = after.AskedAt - age.Ticks;
                    if (confirmedAt > readAt)
                    {
                        if (!await AskForAllAsync("only-if-cached"))
                            break;
                        return new OutageProbe(world, instance, http, preparedAt, confirmedAt + world.Plan.MaxStaleness.Ticks);
                    }

                    await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
                }
            }
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // Another fault meets this instance.
        }

        http.Dispose();
        return null;

        async Task<bool> AskForAllAsync(string directives)
        {
            for (var user = world.Users.Writable; user < world.Users.Count; user++)
            {
                if (await AskAsync(http, world.Users.Ids[user], directives, cancellationToken) != HttpStatusCode.OK)
                    return false;
            }

            return true;
        }
    }

    public async Task RunAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        var until = SoakClock.Now + duration.Ticks;
        var random = new Random(_instance.Number);
        while (SoakClock.Now < until)
        {
            var user = _world.Users.Ids[random.Next(_world.Users.Writable, _world.Users.Count)];
            var plain = await AskAsync(_http, user, "", cancellationToken);
            var ended = SoakClock.Now;
            if (plain == HttpStatusCode.OK)
                _lastPlain = ended;
            else if (plain is not null && ended < _promisedUntil - TimeSpan.TicksPerMillisecond)
                Report($"{user} was answered {(int?)plain} while memory could give it as a fresh one");

            var stale = await AskAsync(_http, user, "max-stale=3600", cancellationToken);
            if (stale == HttpStatusCode.OK)
                _stale++;
            else if (stale is not null)
                Report($"{user} was answered {(int?)stale} to a request that accepts a stale one, which memory has");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        }
    }

    public string Describe(long cutAt) => FormattableString.Invariant(
        $"instance {_instance.Number}: fresh answers until {Seconds(Math.Max(_lastPlain, cutAt) - cutAt):0.0} s (owed until {Seconds(_promisedUntil - cutAt):0.0} s), {_stale} stale ones for who accepts them");

    public void Dispose() => _http.Dispose();

    private static double Seconds(long ticks) => ticks / (double)TimeSpan.TicksPerSecond;

    private static async Task<HttpStatusCode?> AskAsync(HttpClient http, string user, string directives, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/users/{user}");
        if (directives.Length > 0)
            request.Headers.TryAddWithoutValidation("Cache-Control", directives);
        try
        {
            using var answer = await http.SendAsync(request, cancellationToken);
            return answer.StatusCode;
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }

    private void Report(string what)
    {
        if (_instance.DisturbedWithin(_preparedAt, SoakClock.Now) == 0 && ReferenceEquals(_life, _world.Lives[_instance.Number]))
            _world.Report(new Violation("availability", $"Instance {_instance.Number}, without a store: {what}."));
    }
}
