namespace Lookup.Functions.Cosmos.Feed;

/// <summary>What the change feed shows.</summary>
internal enum FeedMode
{
    /// <summary>Creates and updates, of each item the latest; no deletes.</summary>
    LatestVersion,

    /// <summary>Every version and every delete. The account must have continuous backup and the feature switched on.</summary>
    AllVersionsAndDeletes,
}
