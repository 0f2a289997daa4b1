namespace Lookup.Local;

/// <summary>Something the person at the keyboard can put right: its message is all that is shown.</summary>
internal sealed class LocalRunException(string message, Exception? innerException = null) : Exception(message, innerException);
