namespace Lookup.Soak.Checking;

/// <summary>A broken promise.</summary>
/// <param name="Promise">Which one: G1, G2, G3, or in words.</param>
/// <param name="Text">Everything about it that is known.</param>
internal sealed record Violation(string Promise, string Text);
