using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Lookup.Host.Tests;

/// <summary>Tests that the memory of a process is bounded while many large batches are read at the same time.</summary>
public sealed class LargeBatchMemoryTests(PublishedApp app, ITestOutputHelper output)
{
    private const int Users = 40;
    private const int UsersInBatch = 10;
    private const int UserBytes = 1_900_000;
    private const long CacheBytes = 64L << 20;
    private const long MaxPeak = (CacheBytes * 2) + 400_000_000;

    /// <summary>Gets a value that indicates whether the system reports the peak of a process's memory.</summary>
    public static bool IsLinux => OperatingSystem.IsLinux();

    [Fact(Skip = "The peak of the memory is read from /proc.", SkipUnless = nameof(IsLinux))]
    public Task Memory_stays_bounded_while_large_batches_are_read() => MeasureAsync(batches: 60);

    [Fact(Explicit = true, Skip = "The peak of the memory is read from /proc.", SkipUnless = nameof(IsLinux))]
    public Task Memory_stays_bounded_while_200_large_batches_are_read() => MeasureAsync(batches: 200);

    private async Task MeasureAsync(int batches)
    {
        await using var store = await Store.StartAsync();
        for (var i = 0; i < Users; i++)
            await store.PutAsync(JsonSerializer.Serialize(new { id = $"u{i}", about = new string('x', UserBytes) }), $"u{i}");
        var port = FreePort.Next();
        using var process = ChildProcess.Start(
            Path.Combine(app.Root, "Lookup.Functions"),
            ["--urls", $"http://127.0.0.1:{port}"],
            [
                ("CosmosConnection", store.ConnectionString), ("Lookup__CacheSizeBytes", $"{CacheBytes}"), ("Lookup__ReadDeadline", "00:00:10"),
                ("Lookup__PollDeadline", "00:01:00"), ("Logging__LogLevel__Default", "Error"),
            ]);
        using var http = ServiceClient.Create(new Uri($"http://127.0.0.1:{port}"), Timeout.InfiniteTimeSpan);
        await Eventually.IsTrueAsync(() => RespondsAsync(http), "the service responds");

        var rejected = 0;
        await Eventually.EndsAsync(Task.WhenAll(Enumerable.Range(0, batches).Select(BatchAsync)), "every batch has succeeded");

        var peak = PeakOf(process.Id);
        output.WriteLine($"{batches} batches of {UsersInBatch} users of {UserBytes} bytes: peak {peak / 1_000_000} MB, {rejected} responses were 503.");
        Assert.InRange(peak, 1, MaxPeak);

        // A batch that is rejected is sent again after the time in its response, so each succeeds.
        async Task BatchAsync(int batch)
        {
            var ids = Enumerable.Range(0, UsersInBatch).Select(i => $"u{((batch * 7) + (i * 3)) % Users}");
            var body = JsonSerializer.Serialize(new { ids });
            while (true)
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, "/api/users/lookup")
                {
                    Content = new StringContent(body, Encoding.UTF8, "application/json"),
                };
                using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel.Token);
                if (response.StatusCode == HttpStatusCode.OK)
                {
                    await response.Content.CopyToAsync(Stream.Null, Cancel.Token);
                    Assert.True(response.Content.Headers.ContentLength > UsersInBatch * UserBytes);
                    return;
                }

                Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
                Interlocked.Increment(ref rejected);
                await Task.Delay(Assert.IsType<RetryConditionHeaderValue>(response.Headers.RetryAfter).Delta!.Value, TimeProvider.System, Cancel.Token);
            }
        }
    }

    private static async Task<bool> RespondsAsync(HttpClient http)
    {
        try
        {
            using var response = await http.GetAsync("/", Cancel.Token);
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>Returns the maximum memory that a process has occupied since its start, in bytes.</summary>
    private static long PeakOf(int process)
    {
        var line = File.ReadLines($"/proc/{process}/status").Single(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], null) * 1024;
    }
}
