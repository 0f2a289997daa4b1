using Lookup.Domain.Users;

namespace Lookup.Simulation.World;

/// <summary>One version of one user, or its absence: before it was created and after each delete.</summary>
/// <param name="Index">Its place among the user's versions; 0 is the absence before all.</param>
/// <param name="Lsn">The log sequence number of the change that made it.</param>
/// <param name="Committed">When that was, in true time.</param>
/// <param name="Document">As it is read; <see langword="null"/> where the user is absent.</param>
/// <param name="WithoutLsn">As it is read where the store does not say the version's number.</param>
/// <param name="Alternate">Which alternate key it has; −1 for none.</param>
internal sealed record UserVersion(
    int Index,
    long Lsn,
    long Committed,
    UserDocument? Document,
    UserDocument? WithoutLsn,
    int Alternate)
{
    public bool IsAbsent => Document is null;
}
