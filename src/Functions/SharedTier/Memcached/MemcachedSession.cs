using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using Lookup.Domain.SharedTier;

namespace Lookup.Functions.SharedTier.Memcached;

/// <summary>An open connection to memcached, on which many commands are in flight at the same time.</summary>
/// <remarks>
/// <para>
/// The server executes the commands of a connection in order, but it does not reply to each: a failed one gets an error without a token. A reply
/// therefore belongs to the command with its token, and commands sent before that one fail if they have no reply yet. A wrong guess about an error
/// can fail a command, but never gives it the value of another.
/// </para>
/// <para>
/// A caller that gives up leaves its command in flight: the reply is still read. Commands and bytes in flight are limited, so that a
/// server that has stopped costs a bounded amount of memory.
/// </para>
/// </remarks>
internal sealed class MemcachedSession : IDisposable
{
    private const int MaxInFlight = 4096;

    /// <summary>The limit of the bytes that have not been handed to the operating system: several of the largest values.</summary>
    private const int MaxUnsentBytes = 8 << 20;

    private const int KeptBufferBytes = 256 << 10;

    /// <summary>A server that has been silent for so long after a command has lost it or stopped. The connection is closed at the next command.</summary>
    private static readonly TimeSpan MaxSilence = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly Socket _socket;
    private readonly TimeProvider _time;
    private readonly Queue<Command> _inFlight = new();
    private ArrayBufferWriter<byte> _unsent = new();
    private ArrayBufferWriter<byte> _sending = new();
    private ulong _lastToken;
    private bool _isSending;
    private volatile bool _isOpen = true;

    public MemcachedSession(Socket socket, TimeProvider time)
    {
        (_socket, _time) = (socket, time);
        _ = ReceiveAsync();
    }

    /// <summary>Gets a value indicating whether commands can be sent.</summary>
    public bool IsOpen => _isOpen;

    /// <summary>Sends a command.</summary>
    /// <returns>Its reply. The value of the request is not read any more once this method has returned.</returns>
    /// <exception cref="SharedTierException">The command was not sent.</exception>
    public Task<MetaReply> SendAsync(MetaRequest request)
    {
        Command command;
        bool mustSend;
        lock (_gate)
        {
            if (_inFlight.TryPeek(out var oldest) && _time.GetElapsedTime(oldest.SentAt) > MaxSilence)
                Close_NeedsLock("The connection to memcached was closed: it did not respond.");
            if (!_isOpen)
                throw new SharedTierException("The connection to memcached was closed.");
            if (_inFlight.Count >= MaxInFlight || _unsent.WrittenCount + request.MaxLength > MaxUnsentBytes)
                throw new SharedTierException("Too many commands to memcached are in flight.");

            command = new Command(request.Verb, ++_lastToken, _time.GetTimestamp());
            request.WriteTo(_unsent, command.Token);
            _inFlight.Enqueue(command);
            mustSend = !_isSending;
            _isSending = true;
        }

        if (mustSend)
            _ = FlushAsync();
        return command.Reply.Task;
    }

    public void Dispose() => Close("The connection to memcached is closed.");

    /// <summary>Sends what has been written, and what is written meanwhile, in as few packets as possible.</summary>
    private async Task FlushAsync()
    {
        try
        {
            while (true)
            {
                lock (_gate)
                {
                    if (_unsent.WrittenCount == 0 || !_isOpen)
                    {
                        _isSending = false;
                        return;
                    }

                    (_sending, _unsent) = (_unsent, _sending);
                }

                for (var rest = _sending.WrittenMemory; rest.Length > 0;)
                    rest = rest[await _socket.SendAsync(rest, SocketFlags.None, CancellationToken.None)..];

                // A burst of large values must not keep its memory for good.
                if (_sending.Capacity > KeptBufferBytes)
                    _sending = new ArrayBufferWriter<byte>();
                else
                    _sending.ResetWrittenCount();
            }
        }
        catch (Exception cause) when (cause is SocketException or ObjectDisposedException)
        {
            Close("The connection to memcached was lost.");
        }
    }

    private async Task ReceiveAsync()
    {
        var reader = PipeReader.Create(new NetworkStream(_socket, ownsSocket: false));
        try
        {
            while (true)
            {
                var read = await reader.ReadAsync(CancellationToken.None);
                var buffer = read.Buffer;
                while (MetaReply.TryParse(ref buffer, out var reply))
                    Complete(reply);

                reader.AdvanceTo(buffer.Start, buffer.End);
                if (read.IsCompleted)
                    break;
            }

            Close("The connection to memcached was closed by the server.");
        }
        catch (MetaProtocolException cause)
        {
            Close($"The connection to memcached was closed: {cause.Message}");
        }
        catch (Exception cause) when (cause is IOException or SocketException or ObjectDisposedException)
        {
            Close("The connection to memcached was lost.");
        }
        finally
        {
            await reader.CompleteAsync();
        }
    }

    private void Complete(in MetaReply reply)
    {
        lock (_gate)
        {
            if (reply.Status == MetaStatus.ServerError)
            {
                if (!_inFlight.TryDequeue(out var failed))
                    throw new MetaProtocolException("The server sent an error without a command.");
                failed.Fail("memcached could not execute the command: it is out of memory, or the value is too large for it.");
                return;
            }

            // Tokens in flight are in ascending order, so a lower one in front has been passed over.
            while (_inFlight.TryPeek(out var next) && next.Token < reply.Token && reply.Token <= _lastToken)
                _inFlight.Dequeue().Fail("memcached did not reply to the command.");
            if (!_inFlight.TryPeek(out var command) || command.Token != reply.Token || !MetaRequest.Allows(command.Verb, reply.Status))
                throw new MetaProtocolException("The server sent a reply that belongs to no command.");

            _inFlight.Dequeue().Reply.TrySetResult(reply);
        }
    }

    private void Close(string reason)
    {
        lock (_gate)
            Close_NeedsLock(reason);
    }

    private void Close_NeedsLock(string reason)
    {
        if (!_isOpen)
            return;

        _isOpen = false;
        while (_inFlight.TryDequeue(out var command))
            command.Fail(reason);

        // With a linger time of 0, closing discards what is unsent instead of waiting for it.
        _socket.Close(0);
    }

    private sealed class Command(MetaVerb verb, ulong token, long sentAt)
    {
        public ulong Token => token;

        public long SentAt => sentAt;

        public MetaVerb Verb => verb;

        public TaskCompletionSource<MetaReply> Reply { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Fail(string reason)
        {
            Reply.TrySetException(new SharedTierException(reason));

            // The caller may have given up: then nobody else looks at the exception.
            _ = Reply.Task.Exception;
        }
    }
}
