namespace Lookup.Browser.Tests;

/// <summary>Somebody who keeps asking, one request after the other, until disposed of.</summary>
internal sealed class Traffic : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    private readonly CancellationTokenSource _end = CancellationTokenSource.CreateLinkedTokenSource(Cancel.Token);
    private readonly Task _sending;

    private Traffic(Service service, Func<int, string> target) => _sending = SendAsync(service, target);

    /// <param name="service">Whom to ask.</param>
    /// <param name="target">What to ask for, in the nth request.</param>
    public static Traffic Start(Service service, Func<int, string> target) => new(service, target);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _sending;
        _end.Dispose();
    }

    private async Task SendAsync(Service service, Func<int, string> target)
    {
        try
        {
            for (var n = 0; ; n++)
            {
                using var response = await service.Http.GetAsync(new Uri(service.Address, target(n)), _end.Token);
                await Task.Delay(Pause, TimeProvider.System, _end.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or HttpRequestException)
        {
            // Told to end, or the service has gone.
        }
    }
}
