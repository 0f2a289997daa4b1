namespace Lookup.Functions.Cosmos.Feed;

/// <summary>The modes of the change feed.</summary>
internal enum FeedMode
{
    /// <summary>The latest version of each created or updated item; no deletes.</summary>
    LatestVersion,

    /// <summary>Every version and every delete. The account must have continuous backup and the feature enabled.</summary>
    AllVersionsAndDeletes,
}
