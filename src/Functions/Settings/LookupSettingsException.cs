namespace Lookup.Functions.Settings;

/// <summary>A setting is missing or wrong. The message is one sentence that names it, its value and what is allowed.</summary>
/// <remarks>The message never holds a secret: it is meant to be printed.</remarks>
public sealed class LookupSettingsException(string message) : Exception(message);
