namespace Lookup.Contracts;

/// <summary>
/// An independent writer of users. The store and the feed under test observe its writes only through the database.
/// </summary>
public interface IUserWriter
{
    Task UpsertAsync(string id, string? email, int version, CancellationToken cancellationToken);

    Task DeleteAsync(string id, CancellationToken cancellationToken);

    /// <summary>Splits each physical partition in two.</summary>
    Task SplitAsync(CancellationToken cancellationToken);
}
