namespace Lookup.Functions.Settings;

/// <summary>The exception that is thrown when a setting is missing or not valid.</summary>
/// <remarks>The message names the setting, its value and the valid values. It never contains a secret, so it can be printed.</remarks>
public sealed class LookupSettingsException(string message) : Exception(message);
