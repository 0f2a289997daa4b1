namespace Lookup.Support;

/// <summary>Waits for another thread or process.</summary>
public static class Eventually
{
    /// <summary>The longest wait, which only ends a hang. No test depends on this time, because a busy machine can be slow.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    /// <summary>Evaluates a condition until it holds, and fails the test if it never does.</summary>
    /// <param name="condition">The condition.</param>
    /// <param name="what">The condition in words.</param>
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

    /// <inheritdoc cref="IsTrueAsync(Func{Task{bool}}, string)"/>
    public static Task IsTrueAsync(Func<bool> condition, string what) => IsTrueAsync(() => Task.FromResult(condition()), what);

    /// <summary>Awaits a task, and fails the test if it never ends.</summary>
    /// <param name="task">The task.</param>
    /// <param name="what">The end of the task in words.</param>
    public static async Task EndsAsync(Task task, string what)
    {
        try
        {
            await task.WaitAsync(Limit, TimeProvider.System, TestContext.Current.CancellationToken);
        }
        catch (TimeoutException) when (!task.IsCompleted)
        {
            Assert.Fail($"Not within {Limit.TotalSeconds:0} s: {what}.");
        }
    }

    /// <inheritdoc cref="EndsAsync(Task, string)"/>
    public static async Task<T> EndsAsync<T>(Task<T> task, string what)
    {
        await EndsAsync((Task)task, what);
        return await task;
    }
}
