using Lookup.Domain.Users;

namespace Lookup.Simulation.World;

/// <summary>One version of one user, or its absence: before it was created and after each delete.</summary>
/// <param name="Index">The index among the versions of the user; 0 is the initial absence.</param>
/// <param name="Lsn">The log sequence number of the change that created it.</param>
/// <param name="Committed">The true time of that change.</param>
/// <param name="Document">The document, or <see langword="null"/> if the user does not exist.</param>
/// <param name="WithoutLsn">The document of a store that does not return LSNs.</param>
/// <param name="Alternate">The number of its alternate key, or −1 if it has none.</param>
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
