namespace Lookup.Domain.Freshness;

/// <summary>The division of the users among the feed ranges, by partition key. Implementations are immutable and do not block.</summary>
public interface IFeedPartitioner
{
    /// <summary>Returns the index of the feed range that contains the users with a partition key value.</summary>
    int RangeOf(string partitionKey);
}
