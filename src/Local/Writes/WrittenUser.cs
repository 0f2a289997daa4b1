namespace Lookup.Local.Writes;

/// <summary>What the store made of a write.</summary>
/// <param name="Created">Whether there was no such user before.</param>
/// <param name="Version">The version that was written.</param>
/// <param name="ETag">The store's entity tag of that version, quotes included.</param>
internal sealed record WrittenUser(bool Created, long Version, string ETag);
