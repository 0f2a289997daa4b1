namespace Lookup.Functions.Tests.Support;

internal static class Eventually
{
    /// <summary>Asks until the answer is yes, and fails the test when it is not in time.</summary>
    public static async Task IsTrueAsync(Func<Task<bool>> condition, TimeSpan within, string what)
    {
        var time = TimeProvider.System;
        var began = time.GetTimestamp();
        while (!await condition())
        {
            if (time.GetElapsedTime(began) > within)
                Assert.Fail($"Not within {within.TotalSeconds:0.#} s: {what}.");
            await Task.Delay(TimeSpan.FromMilliseconds(10), time, Cancel.Token);
        }
    }

    public static Task IsTrueAsync(Func<bool> condition, TimeSpan within, string what) =>
        IsTrueAsync(() => Task.FromResult(condition()), within, what);
}
