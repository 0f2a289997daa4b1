using System.Security.Cryptography;
using System.Text;
using Lookup.Domain.SharedTier;

namespace Lookup.Functions.SharedTier.Sealing;

/// <summary>A tier that seals each value with AES-256-GCM before it writes it to another tier, so that the other tier can neither read nor forge it.</summary>
/// <remarks>
/// A sealed value is: id of the key (1 byte), nonce (12 bytes, random), ciphertext, tag (16 bytes). The tier key is the associated data, so a value that
/// was moved to another key cannot be opened. A value that cannot be opened is a miss. The tier can still return an older value of the same
/// key, as any tier can.
/// </remarks>
/// <param name="inner">The tier that stores the sealed values. It is disposed with this one.</param>
/// <param name="keys">The keys.</param>
internal sealed class SealedTier(ISharedTier inner, SealingKeys keys) : ISharedTier, IDisposable
{
    /// <summary>The number of bytes by which a sealed value is longer.</summary>
    public const int Overhead = 1 + NonceBytes + TagBytes;

    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    // One instance per thread: of values sealed by two threads with one instance, a fifth were wrong, without an exception.
    private readonly ThreadLocal<AesGcm[]> _ciphers = new(() => keys.CreateCiphers(TagBytes));
    private long _unopened;

    /// <summary>Gets the number of values that could not be opened.</summary>
    public long Unopened => Interlocked.Read(ref _unopened);

    /// <inheritdoc/>
    public async ValueTask<ReadOnlyMemory<byte>?> GetAsync(string key, CancellationToken cancellationToken) =>
        Open(key, await inner.GetAsync(key, cancellationToken));

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<ReadOnlyMemory<byte>?>> GetManyAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        var sealedValues = await inner.GetManyAsync(keys, cancellationToken);
        var values = new ReadOnlyMemory<byte>?[sealedValues.Count];
        for (var i = 0; i < values.Length; i++)
            values[i] = Open(keys[i], sealedValues[i]);
        return values;
    }

    /// <inheritdoc/>
    public ValueTask SetAsync(string key, ReadOnlyMemory<byte> value, TimeSpan timeToLive, CancellationToken cancellationToken) =>
        inner.SetAsync(key, Seal(key, value.Span), timeToLive, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<bool> TryAddAsync(string key, ReadOnlyMemory<byte> value, TimeSpan timeToLive, CancellationToken cancellationToken) =>
        inner.TryAddAsync(key, Seal(key, value.Span), timeToLive, cancellationToken);

    /// <inheritdoc/>
    public ValueTask DeleteAsync(string key, CancellationToken cancellationToken) => inner.DeleteAsync(key, cancellationToken);

    /// <summary>Disposes the inner tier. The ciphers are left to their finalizers, because a call may be using one.</summary>
    public void Dispose() => (inner as IDisposable)?.Dispose();

    private byte[] Seal(string key, ReadOnlySpan<byte> value)
    {
        TierLimits.CheckKey(key);
        Span<byte> associated = stackalloc byte[TierLimits.MaxKeyLength];
        associated = associated[..Encoding.ASCII.GetBytes(key, associated)];

        var result = new byte[Overhead + value.Length];
        result[0] = keys.IdOf(0);
        var nonce = result.AsSpan(1, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        _ciphers.Value![0].Encrypt(nonce, value, result.AsSpan(1 + NonceBytes, value.Length), result.AsSpan(result.Length - TagBytes), associated);
        return result;
    }

    private ReadOnlyMemory<byte>? Open(string key, ReadOnlyMemory<byte>? sealedValue)
    {
        if (sealedValue is not { Span: var bytes })
            return null;

        if (bytes.Length >= Overhead && keys.IndexOf(bytes[0]) is var index and >= 0)
        {
            Span<byte> associated = stackalloc byte[TierLimits.MaxKeyLength];
            associated = associated[..Encoding.ASCII.GetBytes(key, associated)];
            var value = new byte[bytes.Length - Overhead];
            try
            {
                _ciphers.Value![index].Decrypt(
                    bytes.Slice(1, NonceBytes), bytes.Slice(1 + NonceBytes, value.Length), bytes[^TagBytes..], value, associated);
                return value;
            }
            catch (AuthenticationTagMismatchException)
            {
                // Counted below.
            }
        }

        Interlocked.Increment(ref _unopened);
        return null;
    }
}
