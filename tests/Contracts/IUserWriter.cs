namespace Lookup.Contracts;

/// <summary>Writes users as another program would: neither the store nor the feed under test hears of it but by the database.</summary>
public interface IUserWriter
{
    Task UpsertAsync(string id, string? email, int version, CancellationToken cancellationToken);

    Task DeleteAsync(string id, CancellationToken cancellationToken);

    /// <summary>Splits each physical partition in two.</summary>
    Task SplitAsync(CancellationToken cancellationToken);
}
