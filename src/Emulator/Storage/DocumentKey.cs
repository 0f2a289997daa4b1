using Lookup.Emulator.Partitioning;

namespace Lookup.Emulator.Storage;

/// <summary>What makes a document unique in its container: ids are unique for one partition key only.</summary>
internal readonly record struct DocumentKey(PartitionKeyValue PartitionKey, string Id);
