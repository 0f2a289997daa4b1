namespace Lookup.Simulation.Checking;

/// <summary>A violation of a guarantee.</summary>
/// <param name="Guarantee">The guarantee.</param>
/// <param name="Text">A description of the violation.</param>
internal sealed record Violation(Guarantee Guarantee, string Text);
