using System.IO.Pipelines;
using Lookup.Functions.Http;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Lookup.Functions.Tests.Http;

/// <summary>Tests of how failures to read a body are told apart, with a server that fails in a chosen order.</summary>
public sealed class RequestBodyTests
{
    [Fact]
    public async Task Read_that_is_canceled_before_the_abort_is_signaled_is_a_failure_of_the_client() =>
        await Assert.ThrowsAsync<BadHttpRequestException>(() => ReadAsync(new TaskCanceledException(), aborted: false));

    [Fact]
    public async Task Read_that_is_canceled_by_the_abort_is_canceled() =>
        await Assert.ThrowsAsync<TaskCanceledException>(() => ReadAsync(new TaskCanceledException(), aborted: true));

    [Fact]
    public async Task Reset_and_malformed_chunk_are_failures_of_the_client()
    {
        foreach (var failure in new Exception[] { new IOException(), new ConnectionAbortedException(), new OverflowException() })
            await Assert.ThrowsAsync<BadHttpRequestException>(() => ReadAsync(failure, aborted: false));
    }

    [Fact]
    public async Task Status_that_the_server_chose_is_kept()
    {
        var thrown = await Assert.ThrowsAsync<BadHttpRequestException>(
            () => ReadAsync(new BadHttpRequestException("too large", StatusCodes.Status413PayloadTooLarge), aborted: false));

        Assert.Equal(StatusCodes.Status413PayloadTooLarge, thrown.StatusCode);
    }

    [Fact]
    public async Task Failure_of_the_service_is_not_a_failure_of_the_client() =>
        await Assert.ThrowsAsync<InvalidOperationException>(() => ReadAsync(new InvalidOperationException(), aborted: false));

    private static async Task ReadAsync(Exception failure, bool aborted)
    {
        var context = new DefaultHttpContext { RequestAborted = new CancellationToken(aborted) };
        context.Features.Set<IRequestBodyPipeFeature>(new FailingBody(failure));
        await context.ReadBodyAsync();
    }

    private sealed class FailingBody(Exception failure) : PipeReader, IRequestBodyPipeFeature
    {
        public PipeReader Reader => this;

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) => ValueTask.FromException<ReadResult>(failure);

        public override bool TryRead(out ReadResult result) => throw failure;

        public override void AdvanceTo(SequencePosition consumed)
        {
        }

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
        {
        }

        public override void CancelPendingRead()
        {
        }

        public override void Complete(Exception? exception = null)
        {
        }
    }
}
