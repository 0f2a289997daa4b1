namespace Lookup.Emulator.Storage;

/// <param name="Document">Null when there is none.</param>
/// <param name="Range">The physical range that answered.</param>
/// <param name="Position">A state of the range that <paramref name="Document"/> is at least as new as.</param>
internal readonly record struct ReadResult(Document? Document, PhysicalRange Range, RangePosition Position);
