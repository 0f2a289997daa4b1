namespace Lookup.Functions.Tests.Support;

/// <summary>Waits for what another thread or process will do.</summary>
internal static class Eventually
{
    /// <summary>When waiting on is waiting for ever, on a slow machine too.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(40);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    /// <summary>Asks until the answer is yes, and fails the test when it never is.</summary>
    public static async Task IsTrueAsync(Func<Task<bool>> condition, string what)
    {
        var time = TimeProvider.System;
        var began = time.GetTimestamp();
        while (!await condition())
        {
            if (time.GetElapsedTime(began) > Limit)
                Assert.Fail($"Not within {Limit.TotalSeconds:0} s: {what}.");
            await Task.Delay(Pause, time, TestContext.Current.CancellationToken);
        }
    }

    public static Task IsTrueAsync(Func<bool> condition, string what) => IsTrueAsync(() => Task.FromResult(condition()), what);
}
