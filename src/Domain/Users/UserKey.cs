using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Lookup.Domain.Users;

/// <summary>The key of one user: the Cosmos DB item's <c>id</c> and its partition key.</summary>
/// <remarks>
/// Ids are compared ordinally, as in Cosmos DB, without normalization or case folding. Ids that differ in one code unit identify
/// different users.
/// </remarks>
public readonly struct UserKey : IEquatable<UserKey>
{
    /// <summary>The maximum length of an id, in UTF-8 bytes (the limit of Cosmos DB).</summary>
    public const int MaxIdBytes = 1023;

    /// <summary>The maximum length of a partition key value, in UTF-8 bytes (the limit of Cosmos DB).</summary>
    public const int MaxPartitionKeyBytes = 2048;

    /// <summary>The error message for an invalid id. It describes the valid ids.</summary>
    public const string IdRule =
        "A user id has 1 to 1023 bytes in UTF-8, no control character and no unpaired surrogate.";

    /// <summary>The error message for an invalid partition key value. It describes the valid values.</summary>
    public const string PartitionKeyRule =
        "A partition key value has at most 2048 bytes in UTF-8 and no unpaired surrogate.";

    /// <summary>The length up to which a text cannot exceed <see cref="MaxIdBytes"/>. A code unit takes at most three bytes in UTF-8.</summary>
    private const int AlwaysShortEnough = MaxIdBytes / 3;

    private readonly string? _id;
    private readonly string? _partitionKey;

    private UserKey(string id, string partitionKey, string cacheKey)
    {
        _id = id;
        _partitionKey = partitionKey;
        CacheKey = cacheKey;
    }

    /// <summary>Gets the item's <c>id</c>.</summary>
    public string Id => _id ?? throw new InvalidOperationException("This UserKey is the default value; create one with UserKey.Create.");

    /// <summary>Gets the item's partition key value. It is the id if the container is partitioned by <c>/id</c>.</summary>
    public string PartitionKey => _partitionKey ?? Id;

    /// <summary>
    /// Gets the cache key of the user: the id, or the id, NUL and the partition key. No id contains a control character, so the first NUL
    /// ends the id, and no two users have the same key.
    /// </summary>
    internal string CacheKey { get; }

    /// <summary>Creates the key of a user in a container that is partitioned by <c>/id</c>.</summary>
    /// <exception cref="ArgumentException">The id violates <see cref="IdRule"/>.</exception>
    public static UserKey Create(string id) =>
        TryCreate(id, null, out var key, out var problem) ? key : throw new ArgumentException(problem, nameof(id));

    /// <summary>Creates the key of a user.</summary>
    /// <exception cref="ArgumentException">The id or the partition key is not valid.</exception>
    public static UserKey Create(string id, string? partitionKey) =>
        TryCreate(id, partitionKey, out var key, out var problem) ? key : throw new ArgumentException(problem, nameof(id));

    /// <summary>Creates the key of a user, or returns the rule that the id or the partition key violates.</summary>
    /// <param name="id">The item's id.</param>
    /// <param name="partitionKey">The partition key value, or <see langword="null"/> if it is the id.</param>
    /// <param name="key">The key, if the result is <see langword="true"/>.</param>
    /// <param name="problem">The violated rule, as an error message, if the result is <see langword="false"/>.</param>
    public static bool TryCreate(string? id, string? partitionKey, out UserKey key, [NotNullWhen(false)] out string? problem)
    {
        key = default;
        if (!IsValidId(id))
        {
            problem = IdRule;
            return false;
        }

        if (partitionKey is null || partitionKey == id)
        {
            key = new UserKey(id, id, id);
            problem = null;
            return true;
        }

        if (!IsWellFormed(partitionKey) || Encoding.UTF8.GetByteCount(partitionKey) > MaxPartitionKeyBytes)
        {
            problem = PartitionKeyRule;
            return false;
        }

        key = new UserKey(id, partitionKey, string.Concat(id, "\0", partitionKey));
        problem = null;
        return true;
    }

    public bool Equals(UserKey other) => string.Equals(CacheKey, other.CacheKey, StringComparison.Ordinal);

    public override bool Equals(object? obj) => obj is UserKey other && Equals(other);

    public override int GetHashCode() => CacheKey is null ? 0 : string.GetHashCode(CacheKey, StringComparison.Ordinal);

    /// <summary>Returns the key for display. It is never used to compare keys.</summary>
    public override string ToString() => CacheKey?.Replace('\0', '/') ?? "(none)";

    public static bool operator ==(UserKey left, UserKey right) => left.Equals(right);

    public static bool operator !=(UserKey left, UserKey right) => !left.Equals(right);

    private static bool IsValidId([NotNullWhen(true)] string? id)
    {
        if (string.IsNullOrEmpty(id) || id.Length > MaxIdBytes)
            return false;

        foreach (var c in id)
        {
            if (char.IsControl(c))
                return false;
        }

        return IsWellFormed(id) && (id.Length <= AlwaysShortEnough || Encoding.UTF8.GetByteCount(id) <= MaxIdBytes);
    }

    private static bool IsWellFormed(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
                continue;
            if (!char.IsHighSurrogate(text[i]) || i + 1 == text.Length || !char.IsLowSurrogate(text[++i]))
                return false;
        }

        return true;
    }
}
