namespace Lookup.Simulation.Checking;

/// <summary>A broken promise.</summary>
/// <param name="Guarantee">Which one.</param>
/// <param name="Text">How it was broken, in one sentence.</param>
internal sealed record Violation(Guarantee Guarantee, string Text);
