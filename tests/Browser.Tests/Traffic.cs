namespace Lookup.Browser.Tests;

/// <summary>A client that sends requests sequentially until it is disposed.</summary>
internal sealed class Traffic : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    private readonly CancellationTokenSource _end = CancellationTokenSource.CreateLinkedTokenSource(Cancel.Token);
    private readonly Task _sending;

    private Traffic(Service service, Func<int, string> target) => _sending = SendAsync(service, target);

    /// <param name="service">The service that receives the requests.</param>
    /// <param name="target">Returns the target of the nth request.</param>
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
            // The traffic was stopped, or the service has ended.
        }
    }
}
