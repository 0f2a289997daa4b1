namespace Lookup.Functions.Cosmos.Documents;

/// <summary>The roles that a property of a stored document can have.</summary>
[Flags]
internal enum PropertyRole
{
    None = 0,
    Id = 1,
    PartitionKey = 2,
    ETag = 4,
    Timestamp = 8,
    Lsn = 16,
    TimeToLive = 32,
}
