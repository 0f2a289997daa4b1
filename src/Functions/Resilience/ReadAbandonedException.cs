namespace Lookup.Functions.Resilience;

/// <summary>A read was cancelled, most likely by its deadline, after the store had had ample time to answer it.</summary>
internal sealed class ReadAbandonedException(string message, Exception inner, CancellationToken token)
    : OperationCanceledException(message, inner, token);
