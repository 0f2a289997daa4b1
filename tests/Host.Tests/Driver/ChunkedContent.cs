using System.Net;
using System.Net.Http.Headers;

namespace Lookup.Host.Tests.Driver;

/// <summary>A body of unknown length, as the host sends it. A test can delay it in the middle, or break it off there.</summary>
internal sealed class ChunkedContent : HttpContent
{
    private readonly byte[] _body;
    private readonly Task _middle;
    private readonly TaskCompletionSource _halfSent = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="body">The body.</param>
    /// <param name="middle">The task to await when half of the body has been sent. If it fails, the body breaks off.</param>
    public ChunkedContent(byte[] body, Task? middle = null)
    {
        (_body, _middle) = (body, middle ?? Task.CompletedTask);
        Headers.ContentType = new MediaTypeHeaderValue("application/json") { CharSet = "utf-8" };
    }

    /// <summary>Gets a task that completes when half of the body has been sent.</summary>
    public Task HalfSent => _halfSent.Task;

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        var half = _body.Length / 2;
        await stream.WriteAsync(_body.AsMemory(0, half), Cancel.Token);
        await stream.FlushAsync(Cancel.Token);
        _halfSent.TrySetResult();
        await _middle;
        await stream.WriteAsync(_body.AsMemory(half), Cancel.Token);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
