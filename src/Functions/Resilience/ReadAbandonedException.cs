namespace Lookup.Functions.Resilience;

/// <summary>
/// The exception that is thrown when a read is canceled, usually by its deadline, <see cref="StoreGuardOptions.AbandonedAfter"/> or later
/// after it was sent.
/// </summary>
internal sealed class ReadAbandonedException(string message, Exception inner, CancellationToken token)
    : OperationCanceledException(message, inner, token);
