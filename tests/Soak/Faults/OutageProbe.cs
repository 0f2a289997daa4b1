using System.Net;
using Lookup.Soak.Checking;
using Lookup.Soak.Fleet;

namespace Lookup.Soak.Faults;

/// <summary>
/// Requests cached users from one instance during a store outage. Until the staleness bound expires, every request must succeed;
/// afterwards, requests that accept a stale response must succeed.
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

    /// <summary>Makes the instance read the users that never change, and determines until when the bound allows serving them.</summary>
    /// <returns>The probe, or null if the instance is not in a state in which it can guarantee anything.</returns>
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

                // An earlier write may still be in the feed. A poll that was sent after these reads delivers it, and it evicts its user.
                var areRead = await AskForAllAsync("no-cache");
                var readAt = SoakClock.Now;
                while (areRead && SoakClock.Now - preparedAt < LongestPreparation.Ticks
                    && await instance.FeedAsync(cancellationToken) is { ConfirmedAge: { } age } after && after.Epoch == before.Epoch)
                {
                    // Entries that are still cached were read while the feed covered them: they are as fresh as its last confirmation.
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
            // Another fault affects this instance.
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
                Report($"a request for {user} received {(int?)plain} while the cache could serve it as fresh");

            var stale = await AskAsync(_http, user, "max-stale=3600", cancellationToken);
            if (stale == HttpStatusCode.OK)
                _stale++;
            else if (stale is not null)
                Report($"a request for {user} that accepts a stale response received {(int?)stale} while the cache could serve it as stale");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        }
    }

    public string Describe(long cutAt) => FormattableString.Invariant(
        $"instance {_instance.Number}: fresh responses until {Seconds(Math.Max(_lastPlain, cutAt) - cutAt):0.0} s (required until {Seconds(_promisedUntil - cutAt):0.0} s), {_stale} stale ones for requests that accept them");

    public void Dispose() => _http.Dispose();

    private static double Seconds(long ticks) => ticks / (double)TimeSpan.TicksPerSecond;

    private static async Task<HttpStatusCode?> AskAsync(HttpClient http, string user, string directives, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/users/{user}");
        if (directives.Length > 0)
            request.Headers.TryAddWithoutValidation("Cache-Control", directives);
        try
        {
            using var response = await http.SendAsync(request, cancellationToken);
            return response.StatusCode;
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
