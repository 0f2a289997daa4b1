namespace Lookup.Domain.Caching.Entries;

/// <summary>The estimate of the size of users that are about to be read, from the sizes of those that were read recently.</summary>
/// <param name="initial">The estimate for each user as long as none was read, in bytes.</param>
/// <remarks>
/// The estimate of several users is their mean plus two standard deviations, so that a few large users among many small ones are allowed
/// for. The mean and the variance are exponentially weighted. This class is thread-safe.
/// </remarks>
internal sealed class UserSizes(int initial)
{
    /// <summary>The memory that a read takes for a user in addition to its body, whether or not it exists.</summary>
    private const int Overhead = 64;

    /// <summary>The weight of the latest user, once there are as many.</summary>
    private const double Weight = 1.0 / 32;

    private readonly Lock _gate = new();
    private long _count;
    private double _mean = initial;
    private double _variance;

    /// <summary>Returns the estimated size of users, in bytes.</summary>
    public long Of(int users)
    {
        lock (_gate)
            return Of_NeedsLock(users);
    }

    /// <summary>Returns the number of users whose estimated size is within a number of bytes; at least 1.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="max">The maximum number to return.</param>
    public int CountWithin(long bytes, int max)
    {
        lock (_gate)
        {
            var (fits, exceeds) = (1, max + 1);
            while (exceeds - fits > 1)
            {
                var middle = fits + ((exceeds - fits) / 2);
                if (Of_NeedsLock(middle) <= bytes)
                    fits = middle;
                else
                    exceeds = middle;
            }

            return fits;
        }
    }

    /// <summary>Records the size of a user that was read; 0 if it does not exist.</summary>
    public void Add(long bytes)
    {
        lock (_gate)
        {
            // The first user replaces the initial estimate.
            var weight = Math.Max(Weight, 1.0 / ++_count);
            var difference = bytes - _mean;
            _mean += weight * difference;
            _variance = _count == 1 ? 0 : (1 - weight) * (_variance + (weight * difference * difference));
        }
    }

    private long Of_NeedsLock(int users) => (long)((users * (_mean + Overhead)) + (2 * Math.Sqrt(users * _variance)));
}
