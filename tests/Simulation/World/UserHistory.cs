using System.Globalization;
using Lookup.Domain.Users;

namespace Lookup.Simulation.World;

/// <summary>All versions of one user.</summary>
internal sealed class UserHistory
{
    private readonly List<UserVersion> _versions;

    public UserHistory(int number)
    {
        Number = number;
        Key = UserKey.Create(string.Create(CultureInfo.InvariantCulture, $"u{number}"));
        _versions = [new UserVersion(this, 0, long.MinValue / 4, null, null, -1)];
    }

    public int Number { get; }

    public UserKey Key { get; }

    public UserVersion Newest => _versions[^1];

    public UserVersion this[int index] => _versions[index];

    public UserVersion Add(long committed, int alternate, AlternateKey? key, int bodyBytes)
    {
        var version = new UserVersion(this, _versions.Count, committed, new byte[bodyBytes], key, alternate);
        _versions.Add(version);
        return version;
    }

    /// <summary>Adds the absence after the end of the newest version.</summary>
    public UserVersion Expire(long committed)
    {
        var ended = Newest;
        return ended.Successor = Delete(committed);
    }

    public UserVersion Delete(long committed)
    {
        var version = new UserVersion(this, _versions.Count, committed, null, null, -1);
        _versions.Add(version);
        return version;
    }

    /// <summary>Returns the last version that was committed at the given time.</summary>
    public UserVersion CommittedBy(long time)
    {
        var i = _versions.Count - 1;
        while (_versions[i].Committed > time)
            i--;
        return _versions[i];
    }

    /// <summary>Returns the index of the last absence in a range of versions, or −1 if there is none.</summary>
    public int LastAbsence(int from, int to)
    {
        for (var i = to; i >= from; i--)
        {
            if (_versions[i].IsAbsent)
                return i;
        }

        return -1;
    }

    /// <summary>Returns the index of the first absence from the given index on, or −1 if there is none.</summary>
    public int FirstAbsence(int from)
    {
        for (var i = from; i < _versions.Count; i++)
        {
            if (_versions[i].IsAbsent)
                return i;
        }

        return -1;
    }

    /// <summary>Returns the number of the user and the index of the version of a document.</summary>
    public static (int Number, int Index) Identify(UserDocument document)
    {
        var parts = document.ETag.Trim('"').Split('.');
        return (int.Parse(parts[0], CultureInfo.InvariantCulture), int.Parse(parts[1], CultureInfo.InvariantCulture));
    }

    public static int IndexOf(UserDocument document) => Identify(document).Index;
}

/// <summary>One version of one user, or its absence: before it was created and after each delete.</summary>
/// <param name="User">The user.</param>
/// <param name="Index">The index among the versions of the user; 0 is the initial absence.</param>
/// <param name="Committed">The true time of the change that created it.</param>
/// <param name="Body">The body, or <see langword="null"/> if the user does not exist.</param>
/// <param name="Key">Its alternate key, if it has one.</param>
/// <param name="Alternate">The number of its alternate key, or −1 if it has none.</param>
internal sealed record UserVersion(UserHistory User, int Index, long Committed, byte[]? Body, AlternateKey? Key, int Alternate)
{
    public bool IsAbsent => Body is null;

    /// <summary>Gets or sets the true time from which the store no longer returns this version (its time to live).</summary>
    public long EndsAt { get; set; } = long.MaxValue;

    /// <summary>Gets or sets the absence that follows this version because its time to live is over. The feed shows it later.</summary>
    public UserVersion? Successor { get; set; }

    /// <summary>Gets the version that the store returns in place of this one.</summary>
    public UserVersion Returned => Successor ?? this;

    /// <summary>Creates the document of the version, or <see langword="null"/> if the user does not exist.</summary>
    /// <param name="now">The true time.</param>
    /// <param name="lsn">The LSN of the version, or 0 if the store does not return it.</param>
    /// <param name="isFromFeed">A value that indicates whether the feed returns the document, with an entity tag of its own.</param>
    public UserDocument? Document(long now, long lsn, bool isFromFeed = false)
    {
        if (Body is null)
            return null;

        var etag = string.Create(CultureInfo.InvariantCulture, $"\"{User.Number}.{Index}{(isFromFeed ? ".feed" : "")}\"");
        TimeSpan? left = EndsAt == long.MaxValue ? null : TimeSpan.FromTicks(EndsAt - now);
        return new UserDocument(Body, etag, lsn, DateTimeOffset.UnixEpoch.AddTicks(Committed), Key is { } key ? [key] : [], left);
    }
}
