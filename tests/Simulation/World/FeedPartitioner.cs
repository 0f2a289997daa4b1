using Lookup.Domain.Freshness;
using Lookup.Domain.Users;

namespace Lookup.Simulation.World;

/// <summary>The division of the users among the ranges, as it was when the feed was started.</summary>
internal sealed class FeedPartitioner(PhysicalRange[] ranges) : IFeedPartitioner
{
    public int RangeOf(string partitionKey) => RangeOf(Database.NumberOf(UserKey.Create(partitionKey)));

    public int RangeOf(int user) => Array.FindIndex(ranges, range => range.Holds(user));
}
