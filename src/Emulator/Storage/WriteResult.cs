namespace Lookup.Emulator.Storage;

/// <param name="Document">The version that was written or, by a deletion, deleted.</param>
/// <param name="Position">Where the physical range stands with this write.</param>
internal readonly record struct WriteResult(Document Document, bool Created, RangePosition Position);
